//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Places that tests take while they run, so that no more of them run at once than one machine can serve.
///
/// They are given in the order in which they were asked for: a test that needs all of them is not overtaken forever.
public actor Places {
    private struct Waiter {
        var count: Int
        var continuation: CheckedContinuation<Void, Never>
    }

    /// How many there are.
    public nonisolated let count: Int
    private var free: Int
    private var waiters: [Waiter] = []

    /// Makes that many places.
    public init(_ count: Int) {
        self.count = max(1, count)
        self.free = self.count
    }

    /// Runs `body` while it has that many places, or all if there are fewer.
    public nonisolated func hold(_ count: Int = 1, _ body: @Sendable () async throws -> Void) async throws {
        let count = min(max(1, count), self.count)
        await self.take(count)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        await self.giveBack(count)
        try result.get()
    }

    private func take(_ count: Int) async {
        if self.waiters.isEmpty, self.free >= count {
            self.free -= count
            return
        }
        await withCheckedContinuation { self.waiters.append(Waiter(count: count, continuation: $0)) }
    }

    private func giveBack(_ count: Int) {
        self.free += count
        while let first = self.waiters.first, self.free >= first.count {
            self.free -= first.count
            self.waiters.removeFirst().continuation.resume()
        }
    }
}

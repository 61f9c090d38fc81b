//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PQEventLoopGroup {
    /// The loop of the calling thread; nil if it is none of these.
    package var current: PQEventLoop? {
        for loop in self.loops where loop.isCurrent { return loop }
        return nil
    }

    /// Runs `body` on one of the loops, so that its queries on connections of that loop change no threads.
    ///
    /// Non-isolated code in `body` runs on the loop; it must not block. A caller that is on one of these loops already
    /// stays there. Child tasks of `body` prefer the loop, too.
    ///
    /// - Returns: What `body` returns; afterwards the caller is where it was.
    public nonisolated(nonsending) func withEventLoop<Value>(
        _ body: () async throws -> Value
    ) async throws -> Value {
        if let loop = self.current { return try await withTaskExecutorPreference(loop) { try await body() } }
        let loop = self.next()
        let result: Result<Value, any Error>
        do {
            result = .success(
                try await withTaskExecutorPreference(loop) {
                    await Self.switchExecutor(loop)
                    return try await body()
                })
        } catch {
            result = .failure(error)
        }
        await Self.switchExecutor(loop)
        return try result.get()
    }

    /// Continues on the executor that the task prefers, which a change of the preference alone does not.
    ///
    /// Looks at the loop, since the compiler drops a switch of executors before a function that does nothing.
    @concurrent
    @discardableResult
    @inline(never)
    private static func switchExecutor(_ loop: PQEventLoop) async -> Bool { loop.isCurrent }
}

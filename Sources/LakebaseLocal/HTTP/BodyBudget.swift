//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// Limits how many bytes of request bodies are in memory, over all requests.
final class BodyBudget: Sendable {
    /// The budget is exhausted.
    struct Exhausted: Error, Equatable {}

    private let limit: Int
    private let used = Mutex(0)

    init(limit: Int) { self.limit = limit }

    /// The number of bytes in use.
    var taken: Int { self.used.withLock { $0 } }

    func take(_ count: Int) throws(Exhausted) {
        let fits = self.used.withLock { used in
            guard count <= self.limit - used else { return false }
            used += count
            return true
        }
        if !fits { throw Exhausted() }
    }

    func release(_ count: Int) { self.used.withLock { $0 = max(0, $0 - count) } }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// How many bytes of bodies lie in memory, of all requests together.
final class BodyBudget: Sendable {
    /// There is no room now.
    struct Exhausted: Error, Equatable {}

    private let limit: Int
    private let used = Mutex(0)

    init(limit: Int) { self.limit = limit }

    /// How many bytes are taken.
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

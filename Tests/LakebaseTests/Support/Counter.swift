//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// A number that many tasks count up.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { self.count.load(ordering: .relaxed) }

    /// Returns the number after it.
    @discardableResult
    func increment() -> Int { self.count.add(1, ordering: .relaxed).newValue }
}

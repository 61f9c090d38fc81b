//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// Counts the schema changes that the connections of a pool have noticed.
///
/// What made a prepared statement of one of them stale has likely done so for all: the others prepare theirs again
/// before they hit the same error.
package final class StatementEpoch: Sendable {
    private let count = Atomic<UInt64>(0)

    package init() {}

    var current: UInt64 { self.count.load(ordering: .relaxed) }

    /// Counts one more change; returns the new count.
    func advance() -> UInt64 { self.count.wrappingAdd(1, ordering: .relaxed).newValue }
}

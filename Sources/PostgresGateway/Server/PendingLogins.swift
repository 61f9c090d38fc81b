//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import NIOCore

/// The connections whose password has not arrived yet, in order of arrival; a value.
///
/// Any peer can open connections and send nothing, or ask for handshakes. If new ones were refused, a few idle ones
/// would keep all clients out. So the oldest is closed, and a client only has to be quicker than those that come after
/// it.
struct PendingLogins {
    private let maximum: Int
    private var waiting: Set<UInt64> = []

    /// The connections of ``waiting`` in order, with some that have left and are skipped.
    private var order = CircularBuffer<UInt64>()

    init(maximum: Int) { self.maximum = max(maximum, 1) }

    /// How many there are.
    var count: Int { self.waiting.count }

    /// Adds a connection, and returns the one to close for it, if any.
    mutating func add(_ id: UInt64) -> UInt64? {
        self.waiting.insert(id)
        self.order.append(id)
        defer { self.compact() }
        guard self.waiting.count > self.maximum else { return nil }
        while let oldest = self.order.popFirst() {
            if self.waiting.remove(oldest) != nil { return oldest }
        }
        return nil
    }

    /// Removes a connection that was closed or has sent its password.
    mutating func remove(_ id: UInt64) { self.waiting.remove(id) }

    /// Removes skipped entries, so that they are never more than the others.
    private mutating func compact() {
        guard self.order.count > 2 * self.waiting.count + 16 else { return }
        self.order.removeAll { !self.waiting.contains($0) }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The handlers that a connection calls for an event.
struct HandlerList<Event> {
    typealias Handler = @Sendable (Event) -> Void

    private struct Entry {
        var id: UInt64
        var handler: Handler
        /// Whether the registration ends with the lease.
        var ofLease: Bool
    }

    private var entries: [Entry] = []
    private var lastID: UInt64 = 0

    /// The handlers, in the order of their registration.
    var all: [Handler] { self.entries.map(\.handler) }

    mutating func add(ofLease: Bool, _ handler: @escaping Handler) -> UInt64 {
        self.lastID += 1
        self.entries.append(Entry(id: self.lastID, handler: handler, ofLease: ofLease))
        return self.lastID
    }

    mutating func remove(_ id: UInt64) { self.entries.removeAll { $0.id == id } }

    mutating func removeThoseOfLease() { self.entries.removeAll(where: \.ofLease) }

    /// Removes and returns the handlers, in the order of their registration.
    mutating func takeAll() -> [Handler] {
        defer { self.entries.removeAll() }
        return self.all
    }
}

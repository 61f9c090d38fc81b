//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The handlers to call when a connection closes.
struct CloseHandlers {
    typealias Handler = @Sendable (PQError) -> Void

    private struct Entry {
        var id: UInt64
        var handler: Handler
        /// Whether the registration ends with the lease.
        var ofLease: Bool
    }

    private var entries: [Entry] = []
    private var lastID: UInt64 = 0

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
        return self.entries.map(\.handler)
    }
}

extension PQConnection {
    /// The registration of a handler with ``onClose(_:)``.
    public struct CloseRegistration: Sendable {
        let connection: PQConnection
        let id: UInt64

        /// Removes the handler.
        ///
        /// Without effect where it was called already.
        public func cancel() async { await self.connection.removeCloseHandler(self.id) }
    }

    /// Calls `handler` once, on the loop, when the connection closes for whatever reason; at once if it is closed.
    ///
    /// There can be many handlers. A handler that was registered during a lease is removed at its end.
    @discardableResult
    public func onClose(_ handler: @escaping @Sendable (PQError) -> Void) -> CloseRegistration {
        if let reason = self.closeReason ?? self.endedLease {
            handler(reason)
            return CloseRegistration(connection: self, id: 0)
        }
        if self.isLeased {
            self.session.leftBehind.insert(.observers)
            self.session.noteStatus()
        }
        return CloseRegistration(
            connection: self, id: self.session.closeHandlers.add(ofLease: self.isLeased, handler))
    }

    private func removeCloseHandler(_ id: UInt64) { self.session.closeHandlers.remove(id) }
}

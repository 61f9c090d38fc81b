//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Those who are to be told that a connection closed.
struct CloseHandlers {
    typealias Handler = @Sendable (PQError) -> Void

    private struct Entry {
        var id: UInt64
        var handler: Handler
        /// Whether it ends with the lease.
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

    /// In the order they came, each once.
    mutating func takeAll() -> [Handler] {
        defer { self.entries.removeAll() }
        return self.entries.map(\.handler)
    }
}

extension PQConnection {
    /// Stands for a handler that ``onClose(_:)`` was given.
    public struct CloseRegistration: Sendable {
        let connection: PQConnection
        let id: UInt64

        /// Has the handler not called any more.
        ///
        /// Without effect where it was called already.
        public func cancel() async { await self.connection.removeCloseHandler(self.id) }
    }

    /// Calls `handler` once, on the loop, when the connection closes for whatever reason; at once if it is closed.
    ///
    /// There can be many handlers. That of a borrower is forgotten when the connection goes back to its pool.
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

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PQConnection {
    /// The registration of a handler with ``onClose(_:)`` or ``onNotice(_:)``.
    public struct Registration: Sendable {
        enum Event {
            case close, notice
        }

        let connection: PQConnection
        let event: Event
        let id: UInt64

        /// Removes the handler.
        ///
        /// Without effect if a handler of ``PQConnection/onClose(_:)`` was called already.
        public func cancel() async { await self.connection.removeHandler(self.id, of: self.event) }
    }

    /// Calls `handler` once, on the loop, when the connection closes for whatever reason; at once if it is closed.
    ///
    /// There can be many handlers. A handler that was registered during a lease is removed at its end.
    @discardableResult
    public func onClose(_ handler: @escaping @Sendable (PQError) -> Void) -> Registration {
        if let reason = self.closeReason ?? self.endedLease {
            handler(reason)
            return Registration(connection: self, event: .close, id: 0)
        }
        self.noteHandlerOfLease()
        return Registration(
            connection: self, event: .close, id: self.session.closeHandlers.add(ofLease: self.isLeased, handler))
    }

    /// Calls `handler`, on the loop, for each notice of the server: warnings, `RAISE NOTICE` of a function, and so on.
    ///
    /// There can be many handlers; each notice also goes to the log at debug. A handler is called before the statement
    /// returns that the notice is about. It must not block. A handler that was registered during a lease is removed at its
    /// end.
    @discardableResult
    public func onNotice(_ handler: @escaping @Sendable (PQServerError) -> Void) -> Registration {
        guard self.closeReason == nil, self.endedLease == nil else {
            return Registration(connection: self, event: .notice, id: 0)
        }
        self.noteHandlerOfLease()
        return Registration(
            connection: self, event: .notice, id: self.notices.handlers.add(ofLease: self.isLeased, handler))
    }

    private func noteHandlerOfLease() {
        guard self.isLeased else { return }
        self.session.leftBehind.insert(.observers)
        self.session.noteStatus()
    }

    private func removeHandler(_ id: UInt64, of event: Registration.Event) {
        switch event {
        case .close: self.session.closeHandlers.remove(id)
        case .notice: self.notices.handlers.remove(id)
        }
    }
}

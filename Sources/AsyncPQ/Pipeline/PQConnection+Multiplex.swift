//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PQConnection {
    /// Prepares the connection for the statements of many callers.
    ///
    /// - Parameter onEnd: Called on the loop when statements have left the connection, once for each statement.
    package func allowSharing(onEnd: @escaping @Sendable (SharedEnds) -> Void) {
        guard self.session.sharedUse == nil else { return }
        self.session.sharedUse = Multiplexer(
            session: self.session, loop: self.eventLoop,
            onFailure: { [weak self] in self?.assumeIsolated { _ = $0.broken() } }, onEnd: onEnd)
    }

    /// Runs one statement beside those of other callers, in the order of the calls.
    ///
    /// Only for statements that are short, change nothing and need no transaction, see ``PQQuery/mayShare``. Returns at
    /// once and never calls back before that; may be called under a lock.
    package nonisolated func submitShared(_ statement: SharedStatement) {
        if self.eventLoop.isCurrent {
            self.takeShared(statement)
        } else {
            self.eventLoop.execute { self.takeShared(statement) }
        }
    }

    /// Runs statements as ``submitShared(_:)-(SharedStatement)`` does each.
    package nonisolated func submitShared(_ statements: [SharedStatement]) {
        if self.eventLoop.isCurrent {
            for statement in statements { self.takeShared(statement) }
        } else {
            self.eventLoop.execute { for statement in statements { self.takeShared(statement) } }
        }
    }

    /// Drops the answer of a statement whose caller was cancelled.
    ///
    /// Cancels nothing on the server, where other callers' statements may be in the way. Does nothing where the
    /// statement is not on this connection.
    package nonisolated func abandonShared(_ id: Int) {
        self.eventLoop.execute { self.session.sharedUse?.abandon(id) }
    }

    /// Only on the loop.
    private nonisolated func takeShared(_ statement: SharedStatement) {
        guard let sharedUse = self.session.sharedUse else { return statement.answer(.alone) }
        sharedUse.submit(statement, on: self)
    }
}

extension PQQuery {
    /// Whether its values are few enough to be sent with other statements.
    package var mayShare: Bool {
        self.bindings.failure == nil && self.bindings.count <= 64 && self.bindings.bytes.count <= 4096
    }
}

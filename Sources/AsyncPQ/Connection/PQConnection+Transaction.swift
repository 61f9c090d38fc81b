//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PQConnection {
    /// The isolation levels of PostgreSQL.
    public enum IsolationLevel: String, Sendable, CaseIterable {
        /// Each statement sees what was committed before it began. PostgreSQL's default.
        case readCommitted = "READ COMMITTED"
        /// The transaction sees what was committed before its first statement.
        case repeatableRead = "REPEATABLE READ"
        /// As if transactions ran one after the other; some fail with 40001 and have to be repeated.
        case serializable = "SERIALIZABLE"
    }

    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws.
    ///
    /// Where a transaction is open already, also one begun by hand, `body` runs in a savepoint of it: when it throws, what it
    /// did is undone and nothing else; when it returns, what it did is kept if the outer transaction is committed. Such an
    /// inner transaction has no isolation level of its own. Its `settings` hold until its end, where those of the outer one
    /// hold again, and so does `readOnly`. Inner transactions of one connection must end in the opposite order of their
    /// beginning.
    ///
    /// - Parameter isolation: The level; the session's default when nil.
    /// - Parameter readOnly: Whether the server refuses changes.
    /// - Parameter settings: Settings that hold for this transaction only, such as `["app.user": name]` for policies of
    ///   row-level security. They are set first, as bound values; the server checks the names. Afterwards a setting of
    ///   the server is what it was before, and one of your own is an empty text or unset.
    /// - Parameter body: Gets this connection.
    /// - Throws: What `body` throws; ``PQError`` when the transaction cannot begin or commit, or the server knows no
    ///   such setting. A commit that the server turned into a rollback, because a statement had failed and `body`
    ///   swallowed it, is an error too.
    public nonisolated(nonsending) func withTransaction<Value>(
        isolation: IsolationLevel? = nil,
        readOnly: Bool = false,
        settings: [String: String] = [:],
        _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        // A connection that is closed says so at the first statement.
        if self.leftBehind.contains(.unsettled) {
            return try await self.withSavepoint(isolation: isolation, readOnly: readOnly, settings: settings, body)
        }
        var begin = "BEGIN"
        if let isolation { begin += " ISOLATION LEVEL \(isolation.rawValue)" }
        if readOnly { begin += " READ ONLY" }
        let value: Value
        do {
            // Inside, since BEGIN can have worked although the wait for it was cancelled.
            try await self.query(PQQuery(unsafeSQL: begin))
            if !settings.isEmpty { try await self.set(settings) }
            value = try await body(self)
        } catch {
            await self.rollback()
            throw error
        }
        do {
            let tag = try await self.commit()
            guard tag == "COMMIT" else {
                throw PQError(
                    .server, "the transaction was rolled back: a statement in it had failed",
                    server: PQServerError(
                        severity: "ERROR", sqlState: .inFailedSqlTransaction,
                        message: "COMMIT was answered with \(tag)"))
            }
        } catch {
            await self.rollback()
            throw error
        }
        return value
    }

    private nonisolated(nonsending) func set(_ settings: [String: String]) async throws {
        let (names, values) = TransactionSettings.sorted(settings)
        try await self.query(TransactionSettings.set(names, values))
        if let path = TransactionSettings.searchPath(settings) { await self.useSearchPath(path) }
    }

    func useSearchPath(_ path: String?) {
        self.session.blocks.searchPath = path
        self.session.statements.useSearchPath(path)
    }

    /// Commits; returns the server's command tag.
    private func commit() async throws -> String {
        guard self.session.blocks.isEmpty else { throw Self.interleaved }
        if self.session.blocks.searchPath != nil { self.useSearchPath(nil) }
        return try await self.conclude("COMMIT").commandTag
    }

    static var interleaved: PQError {
        PQError(
            .unsupported,
            "a transaction within this one has not ended: tasks that run transactions side by side need a connection each"
        )
    }

    /// Rolls back an open transaction; closes the connection if that fails.
    ///
    /// Also works in a cancelled task.
    public func rollback() async {
        guard self.endedLease == nil else { return }
        await self.finishEnding()
        self.session.blocks.endAll()
        self.session.statements.useSearchPath(nil)
        switch self.transactionStatus {
        case .idle, .unknown: return
        case .active, .inTransaction, .inFailedTransaction: break
        }
        // A cancellation that was meant for an earlier query and comes late must not end this one.
        self.source.beginWaits()
        let observation = self.observe("ROLLBACK")
        do {
            let rows = try await self.run("ROLLBACK", deadline: .now + .seconds(10))
            self.session.noteStatus()
            observation?.ended(.success(rows))
        } catch {
            observation?.ended(.failure(error))
            self.shutDown(
                PQError(.connectionClosed, "the connection was closed, since its transaction did not roll back"))
        }
    }
}

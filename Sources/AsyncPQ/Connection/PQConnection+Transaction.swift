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
        /// As if transactions ran one after the other; some fail with 40001 and are to be repeated.
        case serializable = "SERIALIZABLE"
    }

    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws.
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
        var begin = "BEGIN"
        if let isolation { begin += " ISOLATION LEVEL \(isolation.rawValue)" }
        if readOnly { begin += " READ ONLY" }
        let value: Value
        do {
            // Inside, since BEGIN can have worked although the wait for it was cancelled.
            try await self.query(PQQuery(unsafeSQL: begin))
            if !settings.isEmpty { try await self.setForTransaction(settings) }
            value = try await body(self)
        } catch {
            await self.rollBack()
            throw error
        }
        do {
            let tag = try await self.commit().commandTag
            guard tag == "COMMIT" else {
                throw PQError(
                    .server, "the transaction was rolled back: a statement in it had failed",
                    server: PQServerError(
                        severity: "ERROR", sqlState: .inFailedSqlTransaction,
                        message: "COMMIT was answered with \(tag)"))
            }
        } catch {
            await self.rollBack()
            throw error
        }
        return value
    }

    /// Sets values that end with the transaction, all in one statement.
    private nonisolated(nonsending) func setForTransaction(_ settings: [String: String]) async throws {
        // In the order of the names, so that of several wrong ones the same is named each time.
        let names = settings.keys.sorted()
        let values = names.map { settings[$0] ?? "" }
        try await self.query(
            """
            SELECT pg_catalog.set_config(setting.name, setting.value, true)
            FROM ROWS FROM (pg_catalog.unnest(\(names)), pg_catalog.unnest(\(values))) AS setting (name, value)
            """)
    }

    /// Ends an open transaction without keeping anything; closes the connection if that fails.
    ///
    /// Also works in a cancelled task.
    public func rollBack() async {
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

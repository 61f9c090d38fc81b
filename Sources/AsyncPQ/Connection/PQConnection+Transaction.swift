//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging

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
    /// - Parameter deferrable: Whether to wait for a snapshot with which the transaction cannot fail for conflicts with
    ///   others. It has an effect only on a read-only transaction with isolation `serializable`.
    /// - Parameter settings: Settings that hold for this transaction only, such as `["app.user": name]` for policies of
    ///   row-level security. They are set first, as bound values; the server checks the names. Afterwards a setting of
    ///   the server is what it was before, and one of your own is an empty text or unset.
    /// - Parameter deadline: When the transaction has to be committed, as with ``withDeadline(_:_:)``.
    /// - Parameter retries: How often the transaction may be run again after a serialization failure (40001) or a deadlock
    ///   (40P01), after a short pause each time. More than 0 declares that `body` may be repeated as a whole. Nothing else is
    ///   repeated, least of all a commit whose outcome is unknown; nor is an inner transaction, since the server has
    ///   rolled back the outer one.
    /// - Parameter body: Gets this connection.
    /// - Throws: What `body` throws; ``PQError`` when the transaction cannot begin or commit, or the server knows no
    ///   such setting. A commit that the server turned into a rollback, because a statement had failed and `body`
    ///   swallowed it, is an error too. With code ``PQError/Code/commitUnknown`` the connection was lost before the
    ///   answer to the commit arrived, and the transaction may be committed.
    @discardableResult
    public nonisolated(nonsending) func withTransaction<Value>(
        isolation: IsolationLevel? = nil,
        readOnly: Bool = false,
        deferrable: Bool = false,
        settings: [String: String] = [:],
        deadline: ContinuousClock.Instant? = nil,
        retrying retries: Int = 0,
        _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        if let deadline {
            return try await self.withDeadline(deadline) {
                try await $0.withTransaction(
                    isolation: isolation, readOnly: readOnly, deferrable: deferrable, settings: settings,
                    retrying: retries, body)
            }
        }
        // A connection that is closed says so at the first statement.
        if self.leftBehind.contains(.unsettled) {
            guard !deferrable else { throw Self.deferrableInside }
            return try await self.withSavepoint(isolation: isolation, readOnly: readOnly, settings: settings, body)
        }
        var begin = "BEGIN"
        if let isolation { begin += " ISOLATION LEVEL \(isolation.rawValue)" }
        if readOnly { begin += " READ ONLY" }
        if deferrable { begin += " DEFERRABLE" }
        var attempts = TransactionAttempts(retries: retries, after: .conflicts)
        while true {
            do {
                return try await self.runTransaction(begin, settings, body)
            } catch {
                guard retries > 0 else { throw error }
                let cause = await self.causeOfFailure
                let decision = attempts.failed(
                    error, cause: cause, isCommitting: false, jitter: .random(in: 0...1))
                guard case .again(let pause) = decision, await self.mayWait(for: pause) else { throw error }
                self.logger.debug("A transaction is run again", metadata: ["error": "\(error)"])
                try await Task.sleep(for: pause)
            }
        }
    }

    private nonisolated(nonsending) func runTransaction<Value>(
        _ begin: String, _ settings: [String: String], _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        var isRefused = false
        let value: Value
        do {
            // Inside, since BEGIN can have worked although the wait for it was cancelled.
            do {
                try await self.query(PQQuery(unsafeSQL: begin))
            } catch let error as PQError where error.code == .busy {
                // Nothing was sent, and the stream that is open goes on.
                isRefused = true
                throw error
            }
            if !settings.isEmpty { try await self.set(settings) }
            value = try await body(self)
        } catch {
            if !isRefused { await self.rollback() }
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
        var wasSent = false
        do {
            return try await self.conclude("COMMIT") { wasSent = true }.commandTag
        } catch {
            // An error of the server is an answer, unless it ended the session: that may have been after the commit.
            guard wasSent, self.handle == nil else { throw error }
            throw PQError(
                .commitUnknown,
                "the connection was lost before the answer to COMMIT arrived, and the transaction may be committed: "
                    + "\((error as? PQError)?.message ?? "the task was cancelled and the server did not answer any more")",
                server: (error as? PQError)?.server)
        }
    }

    private static var deferrableInside: PQError {
        PQError(
            .unsupported,
            "a transaction within a transaction cannot be deferrable: give it to the outermost withTransaction")
    }

    /// Whether the session's deadline leaves time for a pause.
    private func mayWait(for pause: Duration) -> Bool {
        self.session.deadline.map { ContinuousClock.now + pause < $0 } ?? true
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
        await self.settleReaders()
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

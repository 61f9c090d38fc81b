//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime
import CLibpq

extension PQConnection {
    /// Runs a query and returns all its rows.
    ///
    /// A query seen for the second time is prepared, so from then on the server no longer parses it. The values are in binary form,
    /// unless a column has a type without one, such as `aclitem`: then all are in text form. The server says so by an error, after
    /// which the query is run again, outside a transaction only.
    ///
    /// - Throws: ``PQError``; `CancellationError` when the task was cancelled: before the query was sent, or the server
    ///   stopped the query, and in both cases nothing of it was done. A query that was done before the cancellation
    ///   reached it returns its rows. What became of a query is unknown only if the connection is closed too: the
    ///   server did not answer any more.
    @discardableResult
    public nonisolated(nonsending) func query(_ query: PQQuery) async throws -> PQRows {
        // The whole cost of observers when there is none.
        if self.session.queryObserver != nil { return try await self.observedQuery(query) }
        return try await self.unobservedQuery(query)
    }

    /// Runs a query without telling the observer.
    @inline(__always)
    package nonisolated(nonsending) func unobservedQuery(_ query: PQQuery) async throws -> PQRows {
        guard self.eventLoop.isCurrent else { return try await self.queryOnLoop(query) }
        if let rows = try await self.queryInPlace(query) { return rows }
        return try await self.queryInTurn(query)
    }

    private nonisolated(nonsending) func observedQuery(_ query: PQQuery) async throws -> PQRows {
        let observation = self.observe(query.sql)
        do {
            let rows = try await self.unobservedQuery(query)
            observation?.ended(.success(rows))
            return rows
        } catch {
            observation?.ended(.failure(error))
            throw error
        }
    }

    /// Switches to the loop once for the whole query, and back once.
    @concurrent
    private nonisolated func queryOnLoop(_ query: PQQuery) async throws -> PQRows {
        try await withTaskExecutorPreference(self.eventLoop) {
            if let rows = try await self.queryInPlace(query) { return rows }
            return try await self.queryInTurn(query)
        }
    }

    func queryInTurn(_ query: PQQuery, until deadline: ContinuousClock.Instant? = nil) async throws -> PQRows {
        try await self.withTurn(until: deadline, isUndone: !SessionText.mayCommit(query.sql)) { handle in
            do {
                return PQRows(result: try await self.execute(query, on: handle))
            } catch let error as PQError {
                guard self.canRunAgain(query, after: error) else { throw error }
                return PQRows(result: try await self.execute(query, on: handle))
            }
        }
    }

    /// Runs several statements separated by semicolons, without parameters and without returning rows.
    ///
    /// Statements that do not bring a transaction of their own run in one, as in `psql -c`.
    ///
    /// - Parameter script: Trusted text: it goes to the server as it is.
    /// - Throws: ``PQError`` of the first statement that failed; `CancellationError` as ``query(_:)`` does, except that
    ///   what the script itself committed stays.
    public func execute(script: String) async throws {
        let observation = self.observe(script, .script)
        do {
            let result = try await self.withTurn(isUndone: false) { handle in
                try self.requireOpen(handle)
                guard !script.utf8.contains(0) else {
                    throw PQError(.unsupported, "the script contains a NUL character")
                }
                try SessionEncoding.check(script: script, on: handle)
                try Task.checkCancellation()
                if SessionText.changesSession(script) { self.session.leftBehind.insert(.state) }
                guard PQsendQuery(handle, script) != 0 else { throw self.broken() }
                return try await self.receive(handle, query: nil)
            }
            observation?.ended(.success(PQRows(result: result)))
        } catch {
            observation?.ended(.failure(error))
            throw error
        }
    }

    /// Runs COMMIT, ROLLBACK and the like.
    ///
    /// - Parameter sent: Called when the statement is with libpq, so that it may reach the server.
    func conclude(_ sql: String, sent: () -> Void = {}) async throws -> PQRows {
        let observation = self.observe(sql)
        do {
            let rows = try await self.withTurn { handle in
                try self.requireOpen(handle)
                guard PQsendQueryParams(handle, sql, 0, nil, nil, nil, nil, 1) != 0 else { throw self.broken() }
                sent()
                return PQRows(result: try await self.receive(handle, query: sql))
            }
            observation?.ended(.success(rows))
            return rows
        } catch {
            observation?.ended(.failure(error))
            throw error
        }
    }

    /// Runs a liveness check.
    ///
    /// - Parameter timeout: A server that is silent for longer has the connection closed.
    /// - Throws: ``PQError``; `CancellationError`.
    public func ping(timeout: Duration) async throws {
        _ = try await self.withTurn { _ in try await self.run("SELECT 1", deadline: .now.later(by: timeout)) }
    }

    /// Runs one statement without parameters, without waiting for a turn.
    func run(_ sql: String, deadline: ContinuousClock.Instant?) async throws -> PQRows {
        guard let handle else { throw self.closedError }
        guard PQsendQueryParams(handle, sql, 0, nil, nil, nil, nil, 1) != 0 else { throw self.broken() }
        return PQRows(result: try await self.receive(handle, query: sql, deadline: deadline))
    }

    var closedError: PQError { self.closeReason ?? PQError(.connectionClosed, "the connection is closed") }

    /// Drops a prepared statement that no longer fits the schema or that the session has lost, or whose result has no binary form;
    /// returns whether the query can be run again.
    ///
    /// Not in a transaction, which the error has ended. There too the statement is dropped, so that the next one works.
    func canRunAgain(_ query: PQQuery, after error: PQError) -> Bool {
        guard self.session.noteUnfit(query, after: error), let handle else { return false }
        // A procedure may have committed something before it failed.
        return PQtransactionStatus(handle) == PQTRANS_IDLE && !SessionText.isCall(query.sql)
    }

    /// Refuses a query that the server cannot accept.
    func check(_ query: PQQuery) throws {
        if let failure = query.bindings.failure { throw failure }
        guard query.bindings.count <= 65535 else {
            throw PQError(
                .unsupported,
                "a query can have at most 65535 parameters, "
                    + "this one has \(query.bindings.count)")
        }
        guard !query.sql.utf8.contains(0) else { throw PQError(.unsupported, "the query contains a NUL character") }
        guard query.bindings.bytes.count + query.sql.utf8.count < Self.largestMessage else {
            throw PQError(.unsupported, "a query with its parameters is larger than PostgreSQL accepts (1 GB)")
        }
    }

    private func execute(_ query: PQQuery, on handle: OpaquePointer) async throws -> PQResult {
        try self.check(query)
        try self.requireOpen(handle)
        self.session.noteSchemaChanges()
        if self.session.statements.hasManyPending {
            try await self.deallocateEvicted(handle)
            try self.requireOpen(handle)
        }
        let mustBeParsed = try self.mustBeParsed(query, on: handle)
        let changesSession = SessionText.changesSession(query.sql)
        if changesSession { self.session.leftBehind.insert(.state) }
        if self.session.textual.contains(query.sql) {
            guard query.sendUnprepared(on: handle, answering: .text) else { throw self.broken() }
            return try await self.receive(handle, query: query.sql)
        }
        if mustBeParsed {
            guard query.sendUnprepared(on: handle) else { throw self.broken() }
            return try await self.receive(handle, query: query.sql)
        }
        let key = StatementCache.Key(query)
        // In a transaction no more are prepared than can be given back soon.
        switch self.session.statements.use(key, mayPrepare: !self.session.statements.hasManyPending) {
        case .runPrepared(let name):
            guard query.sendPrepared(as: Array(name.utf8CString), on: handle) else { throw self.broken() }
        case .prepare(let name):
            try await self.deallocateEvicted(handle)
            try self.requireOpen(handle)
            try self.checkCancellation()
            let types = key.types.map(\.rawValue)
            guard PQsendPrepare(handle, name, query.sql, Int32(types.count), types) != 0 else { throw self.broken() }
            _ = try await self.receive(handle, query: query.sql)
            try self.requireOpen(handle)
            self.session.statements.didPrepare(key, name: name, changesSession: changesSession)
            guard try await self.mayKeep(query, key, preparedAs: name, on: handle) else {
                guard query.sendUnprepared(on: handle) else { throw self.broken() }
                break
            }
            guard query.sendPrepared(as: Array(name.utf8CString), on: handle) else { throw self.broken() }
        case .runUnprepared:
            guard query.sendUnprepared(on: handle) else { throw self.broken() }
        }
        return try await self.receive(handle, query: query.sql)
    }

    /// The largest message that the server accepts, less some room for lengths and types (`PQ_LARGE_MESSAGE_LIMIT`).
    private static let largestMessage = 0x3FFF_FFFF - 1_000_000

    private func deallocateEvicted(_ handle: OpaquePointer) async throws {
        // A name that no longer exists would fail a transaction; the names wait for a better moment.
        guard PQtransactionStatus(handle) == PQTRANS_IDLE else { return }
        var names = self.session.statements.takeDeallocations()[...]
        // What a cancellation leaves is given back another time.
        defer { self.session.statements.postpone(names) }
        var size = 64
        while !names.isEmpty {
            try self.requireOpen(handle)
            let batch = names.prefix(size)
            guard PQsendQuery(handle, batch.map { "DEALLOCATE \($0)" }.joined(separator: ";")) != 0 else {
                throw self.broken()
            }
            do {
                _ = try await self.receive(handle, query: nil)
            } catch let error as PQError where error.sqlState == .invalidSqlStatementName {
                // One no longer existed, and those after it were not deallocated: one by one then.
                guard batch.count == 1 else {
                    size = 1
                    continue
                }
            }
            names = names.dropFirst(batch.count)
        }
    }
}

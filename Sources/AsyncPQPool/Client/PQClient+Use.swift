//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ

extension PQClient {
    /// Runs a query on a connection of the pool and returns all its rows.
    ///
    /// - Parameter query: The query with its bound values.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Throws: `PQError` from the server, or of connecting; ``PQPoolError`` when no connection became free;
    ///   `CancellationError` when the task was cancelled and the query was not sent, or the server stopped it.
    ///   The answer of a SELECT that shares a connection (`PQPoolConfiguration.multiplexing`) is dropped instead.
    @discardableResult
    public nonisolated(nonsending) func query(
        _ query: PQQuery, fileID: StaticString = #fileID, line: UInt = #line
    ) async throws -> PQRows {
        try await self.pool.query(query, from: CallSite(fileID: fileID, line: line))
    }

    /// Leases a connection to `body`.
    ///
    /// Non-isolated code in `body` runs on the connection's event loop, so its queries switch no threads. It must not
    /// block. When it returns the connection refuses further queries, a transaction left open is rolled back, and a
    /// session that was changed is reset (``PQPoolConfiguration/sessionReset``).
    ///
    /// - Parameter deadline: Until when to wait for a connection, instead of ``PQPoolConfiguration/acquireTimeout``.
    ///   Nothing is leased to a caller whose deadline has passed. It does not bound `body`.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Parameter body: Gets the connection.
    /// - Throws: What `body` throws; `PQError` when it could not connect; ``PQPoolError`` when no connection became free;
    ///   `CancellationError`.
    public nonisolated(nonsending) func withConnection<Value>(
        deadline: ContinuousClock.Instant? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        try await self.pool.withConnection(
            deadline: deadline, from: CallSite(fileID: fileID, line: line), body)
    }

    /// Runs `body` in a transaction on a connection of the pool: committed when it returns, rolled back when it throws.
    ///
    /// - Parameter isolation: The level; the database's default when nil.
    /// - Parameter readOnly: Whether the server refuses changes.
    /// - Parameter deferrable: Whether to wait for a snapshot with which the transaction cannot fail for conflicts with
    ///   others. It has an effect only on a read-only transaction with isolation `serializable`.
    /// - Parameter settings: Settings that hold for this transaction only, such as `["app.user": name]` for row-level
    ///   security, and are gone before the connection is leased again.
    /// - Parameter retries: How often the transaction may be run again, after a short pause where it conflicted. More than 0
    ///   declares that `body` may be repeated as a whole: after a serialization failure, a deadlock, a connection that was
    ///   lost before the commit, or a prepared statement that no longer fits the schema, whatever `body` made of the error.
    ///   A connection lost during the commit ends it, since the commit may have happened.
    /// - Parameter deadline: When the transaction has to be committed, the wait for a connection and all attempts included.
    ///   Nothing is sent after it, and a statement that runs then is stopped on the server.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Parameter body: Gets the connection, as in ``withConnection(deadline:fileID:line:_:)``.
    /// - Throws: As `withTransaction` of `PQConnection`; what ``withConnection(deadline:fileID:line:_:)`` throws.
    public nonisolated(nonsending) func withTransaction<Value>(
        isolation: PQConnection.IsolationLevel? = nil,
        readOnly: Bool = false,
        deferrable: Bool = false,
        settings: [String: String] = [:],
        retrying retries: Int = 0,
        deadline: ContinuousClock.Instant? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        try await self.pool.withTransaction(
            isolation: isolation, readOnly: readOnly, deferrable: deferrable, settings: settings, retries: retries,
            deadline: deadline, from: CallSite(fileID: fileID, line: line), body)
    }
}

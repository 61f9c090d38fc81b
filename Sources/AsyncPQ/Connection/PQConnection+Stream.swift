//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PQConnection {
    /// Runs one statement and passes its rows on as they arrive, so that a result of any size needs little memory.
    ///
    /// ```swift
    /// let end = try await connection.stream("SELECT id, title FROM notes") { rows in
    ///     for row in rows { print(try row.decode((Int, String).self)) }
    /// }
    /// print(end.commandTag)
    /// ```
    ///
    /// The statement is not prepared. The transaction that it runs in is rolled back if the server fails half-way, but
    /// the earlier rows have been passed on by then.
    ///
    /// - Parameter query: The statement with its bound values.
    /// - Parameter format: The form of the values. In text form each can be read as a `String`, whatever its type.
    /// - Parameter body: Gets one row or more at a time, on the connection's loop, which waits for it. What it throws
    ///   ends the statement on the server, unless it is done by then, and is thrown from here. Rows that are in transit
    ///   when the task is cancelled are still passed on.
    /// - Returns: What the server said at the end: columns and command tag, and no rows.
    /// - Throws: ``PQError``; what `body` throws; `CancellationError` as ``query(_:)`` does.
    @discardableResult
    public func stream(
        _ query: PQQuery, format: PQFormat = .binary, _ body: @escaping @Sendable (PQRows) throws -> Void
    ) async throws -> PQRows {
        let stream = OpenStream(query, format: format, arrears: .passedOn)
        while let rows = try await self.nextPart(of: stream) {
            do {
                try body(rows)
            } catch {
                await self.settle(stream)
                throw error
            }
        }
        guard let end = stream.end else { throw self.closedError }
        return end
    }

    /// Runs one statement whose rows are read with `for try await`, so that a result of any size needs little memory.
    ///
    /// ```swift
    /// for try await row in connection.stream("SELECT id, title FROM notes") {
    ///     print(try row.decode((Int, String).self))
    /// }
    /// for try await note in connection.stream("SELECT id, title FROM notes").decode(Note.self) { … }
    /// ```
    ///
    /// The statement is sent when the first row is asked for, once for each loop, and is not prepared. Rows are received in
    /// batches; while the loop does not ask for more, the socket is not read and the server waits.
    ///
    /// Leaving the loop early stops the statement on the server. Until the statement has ended, the connection runs no other
    /// query: one that is asked for while the loop goes on is an error with code ``PQError/Code/busy``. In a
    /// transaction the statement runs in a savepoint, so that the transaction goes on after leaving early.
    ///
    /// The loop throws ``PQError``, after the rows before the failure, and `CancellationError` when its task is
    /// cancelled: rows are missing then, and a statement that changes data may have done so, unless it ran in a transaction.
    ///
    /// - Parameter query: The statement with its bound values.
    /// - Parameter format: The form of the values. In text form each can be read as a `String`, whatever its type.
    public nonisolated func stream(_ query: PQQuery, format: PQFormat = .binary) -> PQRowStream {
        PQRowStream(connection: self, query: query, format: format)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq

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
        let observation = self.observe(query.sql)
        do {
            let end = try await self.withTurn { handle in
                try self.check(query)
                try self.requireOpen(handle)
                try SessionEncoding.check(query, on: handle)
                try PlaceholderCheck.check(query, on: handle)
                try Task.checkCancellation()
                if SessionText.changesSession(query.sql) { self.session.leftBehind.insert(.state) }
                guard query.sendUnprepared(on: handle, answering: format), PQsetSingleRowMode(handle) != 0 else {
                    throw self.broken()
                }
                return PQRows(result: try await self.receive(handle, query: query.sql, consume: body))
            }
            observation?.ended(.success(end))
            return end
        } catch {
            observation?.ended(.failure(error))
            throw error
        }
    }
}

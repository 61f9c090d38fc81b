//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ
import BoundedTime

/// One query with a deadline.
extension PQPooledClient {
    /// Runs a query that has to be done at `deadline`, the wait for a connection included.
    ///
    /// It has a connection to itself, also where the client shares connections (``PQPoolConfiguration/multiplexing``), since
    /// it has to be stopped without an effect on others.
    ///
    /// - Parameter query: The query with its bound values.
    /// - Parameter deadline: When to stop the statement on the server.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Throws: `PQError` with code `timedOut` when the deadline passes during the statement, as from `query(_:deadline:)` of
    ///   `PQConnection`; the error of ``withConnection(deadline:fileID:line:_:)`` when it passes before; otherwise as a query
    ///   without a deadline.
    @discardableResult
    public nonisolated(nonsending) func query(
        _ query: PQQuery, deadline: ContinuousClock.Instant, fileID: StaticString = #fileID, line: UInt = #line
    ) async throws -> PQRows {
        try await self.withConnection(deadline: deadline, fileID: fileID, line: line) {
            try await $0.query(query, deadline: deadline)
        }
    }

    /// Runs a query that may take as long as `timeout`, the wait for a connection included.
    ///
    /// - Parameter query: The query with its bound values.
    /// - Parameter timeout: How long it may take.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Throws: As ``query(_:deadline:fileID:line:)``.
    @discardableResult
    public nonisolated(nonsending) func query(
        _ query: PQQuery, timeout: Duration, fileID: StaticString = #fileID, line: UInt = #line
    ) async throws -> PQRows {
        try await self.query(query, deadline: .now.later(by: timeout), fileID: fileID, line: line)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ

/// A client that leases the connections of a pool: ``PQClient``, and clients built on the same pool.
public protocol PQPooledClient: Sendable {
    /// Leases a connection to `body`.
    nonisolated(nonsending) func withConnection<Value>(
        deadline: ContinuousClock.Instant?, fileID: StaticString, line: UInt,
        _ body: (PQConnection) async throws -> Value
    ) async throws -> Value
}

extension PQClient: PQPooledClient {}

extension PQPooledClient {
    /// Copies rows into a table on a connection of the pool, written by a closure.
    ///
    /// - Parameter statement: A `COPY … FROM STDIN`, which can have no bound values.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Parameter body: Writes the data, in the format that the statement names.
    /// - Returns: How many rows were copied.
    /// - Throws: As `copyIn` of `PQConnection`, and as leasing a connection.
    @discardableResult
    public nonisolated(nonsending) func copyIn(
        _ statement: PQQuery, fileID: StaticString = #fileID, line: UInt = #line,
        _ body: (PQCopyWriter) async throws -> Void
    ) async throws -> Int {
        try await self.withConnection(deadline: nil, fileID: fileID, line: line) {
            try await $0.copyIn(statement, body)
        }
    }

    /// Copies rows into a table on a connection of the pool, written by a closure.
    ///
    /// - Parameter table: The table's name as it is, without quotes: `Notes` is not `notes`.
    /// - Parameter schema: The schema's name; found by the session's search path when nil.
    /// - Parameter columns: The names of the columns in the order of the data; all that can be written when empty.
    /// - Parameter format: The format of the data.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Parameter body: Writes the data.
    /// - Returns: How many rows were copied.
    /// - Throws: As `copyIn` of `PQConnection`, and as leasing a connection.
    @discardableResult
    public nonisolated(nonsending) func copyIn(
        table: String, schema: String? = nil, columns: [String] = [], format: PQCopyFormat,
        fileID: StaticString = #fileID, line: UInt = #line, _ body: (PQCopyWriter) async throws -> Void
    ) async throws -> Int {
        try await self.withConnection(deadline: nil, fileID: fileID, line: line) {
            try await $0.copyIn(table: table, schema: schema, columns: columns, format: format, body)
        }
    }

    /// Copies rows of Swift values into a table on a connection of the pool, in binary form.
    ///
    /// - Parameter table: The table's name as it is, without quotes: `Notes` is not `notes`.
    /// - Parameter schema: The schema's name; found by the session's search path when nil.
    /// - Parameter columns: The names of the columns in the order of the values; all that can be written when empty.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Parameter body: Writes the rows.
    /// - Returns: How many rows were copied.
    /// - Throws: As `copyIn` of `PQConnection`, and as leasing a connection.
    @discardableResult
    public nonisolated(nonsending) func copyIn(
        table: String, schema: String? = nil, columns: [String] = [], fileID: StaticString = #fileID,
        line: UInt = #line, _ body: (PQCopyRowWriter) async throws -> Void
    ) async throws -> Int {
        try await self.withConnection(deadline: nil, fileID: fileID, line: line) {
            try await $0.copyIn(table: table, schema: schema, columns: columns, body)
        }
    }

    /// Copies data out of the database on a connection of the pool, which is leased until `body` returns.
    ///
    /// ```swift
    /// try await client.copyOut("COPY notes TO STDOUT WITH (FORMAT csv)") { chunks in
    ///     for try await chunk in chunks { try await file.write(chunk) }
    /// }
    /// ```
    ///
    /// - Parameter statement: A `COPY … TO STDOUT`, which can have no bound values.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Parameter body: Reads the data.
    /// - Throws: What `body` throws, and what leasing a connection throws.
    public nonisolated(nonsending) func copyOut<Value>(
        _ statement: PQQuery, fileID: StaticString = #fileID, line: UInt = #line,
        _ body: (PQCopyOut) async throws -> Value
    ) async throws -> Value {
        try await self.withConnection(deadline: nil, fileID: fileID, line: line) {
            try await body($0.copyOut(statement))
        }
    }

    /// Copies a table out of the database on a connection of the pool, which is leased until `body` returns.
    ///
    /// - Parameter table: The table's name as it is, without quotes: `Notes` is not `notes`.
    /// - Parameter schema: The schema's name; found by the session's search path when nil.
    /// - Parameter columns: The names of the columns in the order of the data; all of them when empty.
    /// - Parameter format: The format of the data.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Parameter body: Reads the data.
    /// - Throws: What `body` throws, and what leasing a connection throws.
    public nonisolated(nonsending) func copyOut<Value>(
        table: String, schema: String? = nil, columns: [String] = [], format: PQCopyFormat,
        fileID: StaticString = #fileID, line: UInt = #line, _ body: (PQCopyOut) async throws -> Value
    ) async throws -> Value {
        try await self.withConnection(deadline: nil, fileID: fileID, line: line) {
            try await body($0.copyOut(table: table, schema: schema, columns: columns, format: format))
        }
    }
}

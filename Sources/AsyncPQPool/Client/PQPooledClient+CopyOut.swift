//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ

extension PQPooledClient {
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

    /// Copies the rows of a query out of the database on a connection of the pool, which is leased until `body` returns.
    ///
    /// - Parameter query: A query, which can have no bound values.
    /// - Parameter format: The format of the data.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Parameter body: Reads the data.
    /// - Throws: What `body` throws, and what leasing a connection throws.
    public nonisolated(nonsending) func copyOut<Value>(
        query: PQQuery, format: PQCopyFormat, fileID: StaticString = #fileID, line: UInt = #line,
        _ body: (PQCopyOut) async throws -> Value
    ) async throws -> Value {
        try await self.withConnection(deadline: nil, fileID: fileID, line: line) {
            try await body($0.copyOut(query: query, format: format))
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

    /// Copies the rows of a query out of the database in binary form, as tuples, on a connection of the pool, which is
    /// leased until `body` returns.
    ///
    /// ```swift
    /// try await client.copyOut("SELECT id, title FROM notes", as: (Int64, String).self) { rows in
    ///     for try await (id, title) in rows { … }
    /// }
    /// ```
    ///
    /// A loop that is left early ends the COPY on the server, and the connection is leased again.
    ///
    /// - Parameter query: A query, which can have no bound values.
    /// - Parameter type: As many types as the rows have columns.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Parameter body: Reads the rows.
    /// - Throws: What `body` throws, and what leasing a connection throws.
    public nonisolated(nonsending) func copyOut<each Column: PQDecodable, Value>(
        _ query: PQQuery, as type: (repeat each Column).Type, fileID: StaticString = #fileID, line: UInt = #line,
        _ body: (PQCopyRows<repeat each Column>) async throws -> Value
    ) async throws -> Value {
        try await self.withConnection(deadline: nil, fileID: fileID, line: line) {
            try await body($0.copyOut(query, as: type))
        }
    }
}

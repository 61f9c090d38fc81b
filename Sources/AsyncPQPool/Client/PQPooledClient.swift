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

    /// Copies rows into a table on a connection of the pool, from a sequence of chunks of bytes.
    ///
    /// Chunks may have any size and may cut rows anywhere. The connection is leased while the sequence is read, and the
    /// next chunk is requested when the server takes more data.
    ///
    /// - Parameter statement: A `COPY … FROM STDIN`, which can have no bound values.
    /// - Parameter chunks: The data, in the format that the statement names.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Returns: How many rows were copied.
    /// - Throws: What the sequence throws, and then nothing was copied; otherwise as `copyIn` of `PQConnection`, and as
    ///   leasing a connection.
    @discardableResult
    public nonisolated(nonsending) func copyIn<Chunks: AsyncSequence>(
        _ statement: PQQuery, from chunks: Chunks, fileID: StaticString = #fileID, line: UInt = #line
    ) async throws -> Int where Chunks.Element: Collection<UInt8> {
        try await self.withConnection(deadline: nil, fileID: fileID, line: line) {
            try await $0.copyIn(statement, from: chunks)
        }
    }

    /// Copies rows into a table on a connection of the pool, from a sequence of chunks of bytes.
    ///
    /// Chunks may have any size and may cut rows anywhere. The connection is leased while the sequence is read, and the
    /// next chunk is requested when the server takes more data.
    ///
    /// - Parameter table: The table's name as it is, without quotes: `Notes` is not `notes`.
    /// - Parameter schema: The schema's name; found by the session's search path when nil.
    /// - Parameter columns: The names of the columns in the order of the data; all that can be written when empty.
    /// - Parameter format: The format of the data.
    /// - Parameter chunks: The data.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Returns: How many rows were copied.
    /// - Throws: What the sequence throws, and then nothing was copied; otherwise as `copyIn` of `PQConnection`, and as
    ///   leasing a connection.
    @discardableResult
    public nonisolated(nonsending) func copyIn<Chunks: AsyncSequence>(
        table: String, schema: String? = nil, columns: [String] = [], format: PQCopyFormat, from chunks: Chunks,
        fileID: StaticString = #fileID, line: UInt = #line
    ) async throws -> Int where Chunks.Element: Collection<UInt8> {
        try await self.withConnection(deadline: nil, fileID: fileID, line: line) {
            try await $0.copyIn(table: table, schema: schema, columns: columns, format: format, from: chunks)
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
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

extension PQConnection {
    /// Copies rows into a table, written by a closure.
    ///
    /// ```swift
    /// let count = try await connection.copyIn("COPY notes (id, title) FROM STDIN WITH (FORMAT csv)") { writer in
    ///     try await writer.write("1,\"Hello, world\"\n")
    /// }
    /// ```
    ///
    /// All rows are copied or none. When `body` throws, the task is cancelled or the server refuses a row, nothing is
    /// copied and the connection stays usable; in a transaction, the transaction has failed then, as after any error.
    ///
    /// - Parameter statement: A `COPY … FROM STDIN`, which can have no bound values.
    /// - Parameter body: Writes the data, in the format that the statement names. Meanwhile the connection runs nothing
    ///   else.
    /// - Returns: How many rows were copied.
    /// - Throws: What `body` throws; ``PQError``; `CancellationError`, and then nothing was copied.
    @discardableResult
    public nonisolated(nonsending) func copyIn(
        _ statement: PQQuery, _ body: (PQCopyWriter) async throws -> Void
    ) async throws -> Int {
        try await self.copyIn(CopyStatement.custom(statement, .fromClient)) { buffer in
            try await body(PQCopyWriter(buffer: buffer))
        }
    }

    /// Copies rows into a table, written by a closure.
    ///
    /// - Parameter table: The table's name as it is, without quotes: `Notes` is not `notes`.
    /// - Parameter schema: The schema's name; found by the session's search path when nil.
    /// - Parameter columns: The names of the columns in the order of the data; all that can be written when empty.
    /// - Parameter format: The format of the data.
    /// - Parameter body: Writes the data.
    /// - Returns: How many rows were copied.
    /// - Throws: As ``copyIn(_:_:)``.
    @discardableResult
    public nonisolated(nonsending) func copyIn(
        table: String, schema: String? = nil, columns: [String] = [], format: PQCopyFormat,
        _ body: (PQCopyWriter) async throws -> Void
    ) async throws -> Int {
        try await self.copyIn(CopyStatement.fromClient(table, schema: schema, columns, format)) { buffer in
            try await body(PQCopyWriter(buffer: buffer))
        }
    }

    /// Copies rows into a table, from a sequence of chunks of bytes.
    ///
    /// Chunks may have any size and may cut rows anywhere. The next one is requested when the server takes more data.
    ///
    /// - Parameter statement: A `COPY … FROM STDIN`, which can have no bound values.
    /// - Parameter chunks: The data, in the format that the statement names.
    /// - Returns: How many rows were copied.
    /// - Throws: What the sequence throws, and then nothing was copied; otherwise as ``copyIn(_:_:)``.
    @discardableResult
    public nonisolated(nonsending) func copyIn<Chunks: AsyncSequence>(
        _ statement: PQQuery, from chunks: Chunks
    ) async throws -> Int where Chunks.Element: Collection<UInt8> {
        try await self.copyIn(statement) { writer in
            for try await chunk in chunks { try await writer.write(chunk) }
        }
    }

    /// Copies rows into a table, from a sequence of chunks of bytes.
    ///
    /// - Parameter table: The table's name as it is, without quotes.
    /// - Parameter schema: The schema's name; found by the session's search path when nil.
    /// - Parameter columns: The names of the columns in the order of the data; all that can be written when empty.
    /// - Parameter format: The format of the data.
    /// - Parameter chunks: The data.
    /// - Returns: How many rows were copied.
    /// - Throws: As ``copyIn(_:from:)``.
    @discardableResult
    public nonisolated(nonsending) func copyIn<Chunks: AsyncSequence>(
        table: String, schema: String? = nil, columns: [String] = [], format: PQCopyFormat, from chunks: Chunks
    ) async throws -> Int where Chunks.Element: Collection<UInt8> {
        try await self.copyIn(table: table, schema: schema, columns: columns, format: format) { writer in
            for try await chunk in chunks { try await writer.write(chunk) }
        }
    }

    /// Copies rows of Swift values into a table, in binary form.
    ///
    /// ```swift
    /// try await connection.copyIn(table: "notes", columns: ["id", "title", "author"]) { writer in
    ///     for note in notes { try await writer.row(note.id, note.title, note.author) }
    /// }
    /// ```
    ///
    /// The types of the columns are looked up first, and each value is checked against its column's.
    ///
    /// - Parameter table: The table's name as it is, without quotes.
    /// - Parameter schema: The schema's name; found by the session's search path when nil.
    /// - Parameter columns: The names of the columns in the order of the values; all that can be written when empty.
    /// - Parameter body: Writes the rows.
    /// - Returns: How many rows were copied.
    /// - Throws: As ``copyIn(_:_:)``; ``PQError`` for a column that does not exist.
    @discardableResult
    public nonisolated(nonsending) func copyIn(
        table: String, schema: String? = nil, columns: [String] = [],
        _ body: (PQCopyRowWriter) async throws -> Void
    ) async throws -> Int {
        let found = try await self.copyColumns(table, schema: schema, columns)
        let sql = try CopyStatement.fromClient(table, schema: schema, found.map(\.name), .binary)
        let encoder = BinaryRowEncoder(table: CopyStatement.table(table, schema: schema), columns: found)
        return try await self.copyIn(sql, isBinary: true) { buffer in
            try await body(PQCopyRowWriter(buffer: buffer, encoder: encoder))
        }
    }

    /// The columns to write, with their types.
    private nonisolated(nonsending) func copyColumns(
        _ table: String, schema: String?, _ columns: [String]
    ) async throws -> [CopyColumn] {
        let name = CopyStatement.table(table, schema: schema)
        let all = try await self.query(CopyColumn.query(name)).map { try CopyColumn($0) }
        guard !columns.isEmpty else { return all }
        return try columns.map { column in
            guard let found = all.first(where: { $0.name.isExactly(column) }) else {
                throw PQError(
                    .unsupported,
                    "\(name) has no column \"\(column)\" that can be written; its columns are "
                        + all.map(\.name).joined(separator: ", "))
            }
            return found
        }
    }

    private nonisolated(nonsending) func copyIn(
        _ sql: String, isBinary: Bool = false, _ body: (CopyBuffer) async throws -> Void
    ) async throws -> Int {
        let observation = self.observe(sql)
        do {
            try await self.beginCopy(sql, .fromClient, hasText: isBinary)
            let buffer = CopyBuffer(self)
            defer { buffer.end() }
            if isBinary { buffer.bytes += BinaryRowEncoder.header }
            do {
                try await body(buffer)
                try buffer.check()
            } catch {
                _ = await self.abandonCopyIn()
                throw error
            }
            if isBinary { buffer.bytes += BinaryRowEncoder.trailer }
            let end = try await self.finishCopyIn(buffer.bytes)
            observation?.ended(.success(end))
            return end.affectedRows
        } catch {
            observation?.ended(.failure(error))
            throw error
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The rows of a COPY out of the database, as tuples.
///
/// ```swift
/// for try await (id, title) in connection.copyOut("SELECT id, title FROM notes", as: (Int64, String).self) { … }
/// ```
///
/// It behaves as ``PQCopyOut``, whose binary data it reads. A loop throws ``PQError`` with code
/// ``PQError/Code/decodingFailed`` for a value that does not fit, naming column and row.
public struct PQCopyRows<each Value: PQDecodable>: AsyncSequence, Sendable {
    /// A row.
    public typealias Element = (repeat each Value)

    let connection: PQConnection
    let query: PQQuery

    /// A loop over the rows.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self.connection, self.query) }

    /// Reads the rows one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let connection: PQConnection
        private let query: PQQuery
        private var columns: [PQColumn] = []
        private var reader: CopyReader?
        private var buffer = BinaryRowBuffer()
        private var row = 0
        private var isOver = false

        init(_ connection: PQConnection, _ query: PQQuery) {
            self.connection = connection
            self.query = query
        }

        /// The next row; nil at the end.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> (repeat each Value)? {
            try await self.next()
        }

        /// The next row; nil at the end.
        public nonisolated(nonsending) mutating func next() async throws -> (repeat each Value)? {
            guard !self.isOver else { return nil }
            do throws(any Error) {
                while true {
                    switch try self.buffer.next() {
                    case .row(let range, let fields):
                        let row: (repeat each Value) = try self.decode(range, fields: fields)
                        return row
                    case .needsMore:
                        guard let chunk = try await self.chunk() else {
                            throw PQError(.decodingFailed, "the data of the COPY ends in the middle")
                        }
                        self.buffer.append(chunk)
                    case .end:
                        // The server's result follows the data.
                        while try await self.chunk() != nil {}
                        self.end()
                        return nil
                    }
                }
            } catch {
                self.end()
                throw error
            }
        }

        private mutating func end() {
            self.isOver = true
            self.reader = nil
        }

        private nonisolated(nonsending) mutating func chunk() async throws -> [UInt8]? {
            if let reader { return try await reader.next() }
            let sql = try CopyStatement.toClient(self.query, .binary)
            self.columns = try await self.connection.describeColumns(self.query)
            var wanted = 0
            for _ in repeat (each Value).self { wanted += 1 }
            guard wanted == self.columns.count else {
                throw PQError(
                    .decodingFailed, "the rows have \(self.columns.count) columns, \(wanted) types were given")
            }
            let reader = CopyReader(self.connection, .success(sql), hasText: true)
            self.reader = reader
            return try await reader.next()
        }

        private mutating func decode(_ range: Range<Int>, fields: Int) throws(PQError) -> (repeat each Value) {
            guard fields == self.columns.count else {
                throw PQError(.decodingFailed, "a row has \(fields) columns instead of \(self.columns.count)")
            }
            defer { self.row += 1 }
            var (offset, column) = (range.lowerBound, 0)
            func next<Cell: PQDecodable>(_ type: Cell.Type) throws(PQError) -> Cell {
                defer { column += 1 }
                return try self.cell(type, at: &offset, self.columns[column])
            }
            return (repeat try next((each Value).self))
        }

        private func cell<Cell: PQDecodable>(
            _ type: Cell.Type, at offset: inout Int, _ column: PQColumn
        ) throws(PQError) -> Cell {
            let start = offset
            var end = start
            let result = self.buffer.bytes.withUnsafeBytes { bytes -> Result<Cell, PQDecodingFailure> in
                Result { () throws(PQDecodingFailure) in
                    var reader = BinaryReader(UnsafeRawBufferPointer(rebasing: bytes[start...]))
                    let field = try reader.field()
                    end = start + reader.offset
                    guard let field else { return try Cell.pqDecodeNull() }
                    return try Cell(pqBytes: field, type: column.dataType, format: .binary)
                }
            }
            offset = end
            do throws(PQDecodingFailure) {
                return try result.get()
            } catch {
                throw PQError(
                    .decodingFailed,
                    "the column \"\(column.name)\" (\(column.dataType)) of row \(self.row) cannot be read as \(type): "
                        + error.reason(type))
            }
        }
    }
}

@available(*, unavailable)
extension PQCopyRows.AsyncIterator: Sendable {}

extension PQConnection {
    /// Copies the rows of a query out of the database, in binary form, as tuples.
    ///
    /// - Parameter query: A query, which can have no bound values.
    /// - Parameter type: As many types as the rows have columns.
    public nonisolated func copyOut<each Value: PQDecodable>(
        _ query: PQQuery, as type: (repeat each Value).Type
    ) -> PQCopyRows<repeat each Value> {
        PQCopyRows(connection: self, query: query)
    }
}

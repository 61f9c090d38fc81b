//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The rows of a COPY in binary form, cell by cell, as they arrive.
///
/// It belongs to one loop.
@usableFromInline
final class CopyRowReader {
    private let connection: PQConnection
    private let query: PQQuery
    /// How many columns are read.
    private let wanted: Int
    private var columns: [PQColumn] = []
    private var types: [PQDataType] = []
    private var reader: CopyReader?
    private var buffer = BinaryRowBuffer()
    /// What is left of the row that is read.
    private var fields = BinaryReader(UnsafeRawBufferPointer(start: nil, count: 0))
    private var column = 0
    private var row = -1
    private var isOver = false

    init(_ connection: PQConnection, _ query: PQQuery, columns: Int) {
        self.connection = connection
        self.query = query
        self.wanted = columns
    }

    /// Goes on to the next row of those that have arrived; returns false when there is none.
    @usableFromInline
    func advance() throws(PQError) -> Bool {
        guard !self.isOver else { return false }
        do throws(PQError) {
            switch try self.buffer.next() {
            case .row(let range, let fields):
                guard fields == self.wanted else {
                    throw PQError(.decodingFailed, "a row has \(fields) columns instead of \(self.wanted)")
                }
                self.fields = BinaryReader(UnsafeRawBufferPointer(rebasing: self.buffer.bytes[range]))
                self.column = 0
                self.row += 1
                return true
            case .needsMore, .end: return false
            }
        } catch {
            self.end()
            throw error
        }
    }

    /// Reads the next cell of the row.
    @usableFromInline
    func cell<Cell: PQDecodable>(_ type: Cell.Type) throws(PQError) -> Cell {
        let column = self.column
        self.column += 1
        do throws(PQDecodingFailure) {
            guard let bytes = try self.fields.field() else { return try Cell.pqDecodeNull() }
            return try Cell(pqBytes: bytes, type: self.types[column], format: .binary)
        } catch {
            throw self.error(error, type, at: column)
        }
    }

    private func error(_ failure: PQDecodingFailure, _ type: Any.Type, at column: Int) -> PQError {
        self.end()
        let (name, dataType) = (self.columns[column].name, self.columns[column].dataType)
        return PQError(
            .decodingFailed,
            "the column \"\(name)\" (\(dataType)) of row \(self.row) cannot be read as \(type): \(failure.reason(type))"
        )
    }

    /// Waits for more data; returns false at the end.
    @usableFromInline
    nonisolated(nonsending) func load() async throws -> Bool {
        guard !self.isOver else { return false }
        do {
            if self.buffer.isAtEnd {
                // The server's result follows the data.
                while try await self.chunk() != nil {}
                self.end()
                return false
            }
            guard let chunk = try await self.chunk() else {
                throw PQError(.decodingFailed, "the data of the COPY ends in the middle")
            }
            self.buffer.append(chunk)
            return true
        } catch {
            self.end()
            throw error
        }
    }

    private nonisolated(nonsending) func chunk() async throws -> [UInt8]? {
        if let reader { return try await reader.next() }
        let sql = try CopyStatement.toClient(self.query, .binary)
        self.columns = try await self.connection.describeColumns(self.query)
        self.types = self.columns.map(\.dataType)
        guard self.wanted == self.columns.count else {
            throw PQError(
                .decodingFailed, "the rows have \(self.columns.count) columns, \(self.wanted) types were given")
        }
        let reader = CopyReader(self.connection, .success(sql), hasText: true)
        self.reader = reader
        return try await reader.next()
    }

    private func end() {
        self.isOver = true
        self.reader = nil
    }
}

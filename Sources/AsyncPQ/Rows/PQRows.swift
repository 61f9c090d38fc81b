//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The rows of a result, in order, with random access.
///
/// ```swift
/// let rows = try await connection.query("SELECT id, title, created_at FROM notes")
/// for (id, title, createdAt) in try rows.decode((Int, String, Date).self) { … }
/// let first = try rows.first?.decode(String.self, named: "title")
/// ```
public struct PQRows: Sendable, RandomAccessCollection {
    let result: PQResult

    /// 0.
    public var startIndex: Int { 0 }
    /// The number of rows.
    public var endIndex: Int { Int(self.result.rowCount) }

    /// The row at a position.
    public subscript(position: Int) -> PQRow {
        precondition(position >= 0 && position < self.endIndex, "row \(position) of \(self.endIndex)")
        return PQRow(result: self.result, row: Int32(truncatingIfNeeded: position))
    }

    /// The columns, in order.
    public var columns: [PQColumn] {
        (0..<self.result.columnCount).map {
            PQColumn(name: self.result.columnName($0), dataType: self.result.columnType($0))
        }
    }

    /// How many rows the command inserted, changed, deleted or returned.
    public var affectedRows: Int { self.result.affectedRows }

    /// The server's command tag, such as `INSERT 0 1`.
    public var commandTag: String { self.result.commandTag }

    /// Reads each row as a tuple, column by column.
    ///
    /// - Parameter type: As many types as the result has columns.
    /// - Throws: ``PQError`` with code ``PQError/Code/decodingFailed``, naming row and column.
    public func decode<each Value: PQDecodable>(
        _ type: (repeat each Value).Type
    ) throws(PQError) -> [(repeat each Value)] {
        var values: [(repeat each Value)] = []
        values.reserveCapacity(self.count)
        for row in self { values.append(try row.decode(type)) }
        return values
    }
}

/// A column of a result.
public struct PQColumn: Sendable, Hashable {
    /// The column's name, as in the query.
    public var name: String
    /// The column's type.
    public var dataType: PQDataType
}

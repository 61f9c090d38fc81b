//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// One row of a result.
public struct PQRow: Sendable {
    let result: PQResult
    let row: Int32

    /// The number of columns.
    public var count: Int { Int(self.result.columnCount) }

    /// Reads the whole row as a tuple.
    ///
    /// - Throws: ``PQError`` with code ``PQError/Code/decodingFailed``, also when the number of columns differs.
    @inlinable
    public func decode<each Value: PQDecodable>(_ type: (repeat each Value).Type) throws(PQError) -> (repeat each Value)
    {
        var wanted: Int32 = 0
        for _ in repeat (each Value).self { wanted += 1 }
        try self.requireColumns(wanted)
        var column: Int32 = 0
        return (repeat try self.next((each Value).self, &column))
    }

    @usableFromInline
    func requireColumns(_ wanted: Int32) throws(PQError) {
        guard wanted == self.result.columnCount else {
            throw PQError(
                .decodingFailed, "the row has \(self.result.columnCount) columns, \(wanted) types were given")
        }
    }

    /// Reads a cell and goes on to the next column.
    @usableFromInline
    func next<Cell: PQDecodable>(_ type: Cell.Type, _ column: inout Int32) throws(PQError) -> Cell {
        defer { column += 1 }
        return try self.result.decode(type, row: self.row, column: column)
    }

    /// Reads the cell of the column at `index`, counted from 0.
    public func decode<Value: PQDecodable>(_ type: Value.Type = Value.self, at index: Int) throws(PQError) -> Value {
        guard index >= 0, index < self.count else {
            throw PQError(.decodingFailed, "there is no column \(index), the row has \(self.count)")
        }
        return try self.result.decode(type, row: self.row, column: Int32(index))
    }

    /// Reads the cell of the first column called `name`, which is compared exactly.
    public func decode<Value: PQDecodable>(_ type: Value.Type = Value.self, named name: String) throws(PQError) -> Value
    {
        guard let column = self.result.columnIndex(named: name) else {
            throw PQError(
                .decodingFailed, "there is no column \"\(name)\"; the columns are \(self.result.columnList)")
        }
        return try self.result.decode(type, row: self.row, column: column)
    }
}

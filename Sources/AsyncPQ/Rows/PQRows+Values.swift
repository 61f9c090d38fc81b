//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PQRows {
    /// Reads the only value of a result of one row and one column.
    ///
    /// ```swift
    /// let count = try await connection.query("SELECT count(*) FROM notes").value(as: Int.self)
    /// ```
    ///
    /// - Throws: ``PQError`` with code ``PQError/Code/decodingFailed``; also if there is not exactly one row and one
    ///   column.
    public func value<Value: PQDecodable>(as type: Value.Type = Value.self) throws(PQError) -> Value {
        guard self.count == 1, self.result.columnCount == 1 else {
            let columns = self.result.columnCount
            throw PQError(
                .decodingFailed,
                "one row with one column was expected; the result has \(self.count) row\(self.count == 1 ? "" : "s") and "
                    + "\(columns) column\(columns == 1 ? "" : "s")\(columns == 0 ? "" : " (\(self.result.columnList))")"
            )
        }
        return try self.result.decode(type, row: 0, column: 0)
    }

    /// Reads the first row as a tuple; nil if there are no rows.
    ///
    /// - Throws: ``PQError`` with code ``PQError/Code/decodingFailed``.
    public func first<each Value: PQDecodable>(
        as type: (repeat each Value).Type
    ) throws(PQError) -> (repeat each Value)? {
        guard let row = self.first else { return nil }
        return try row.decode(type)
    }

    /// Reads the first row as a `Decodable` type, by the names of the columns; nil if there are no rows.
    ///
    /// - Throws: ``PQError`` with code ``PQError/Code/decodingFailed``.
    @_disfavoredOverload
    public func first<Value: Decodable>(as type: Value.Type) throws(PQError) -> Value? {
        guard let row = self.first else { return nil }
        return try row.decode(type)
    }
}

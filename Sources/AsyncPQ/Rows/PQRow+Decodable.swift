//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Rows as `Decodable` types.
extension PQRow {
    /// Reads the row as a `Decodable` type, each property from the column of its name.
    ///
    /// ```swift
    /// struct Note: Decodable {
    ///     var id: Int
    ///     var createdAt: Date
    /// }
    /// let note = try row.decode(Note.self)  // columns id and created_at
    /// ```
    ///
    /// A column has the name of the property or of its coding key; if there is none, a name that differs only in
    /// underscores and in the case of letters, such as `created_at`. Each property is read as ``decode(_:named:)``
    /// reads its type. A type that is not ``PQDecodable`` is read from a column of type `json` or `jsonb`, or, if it
    /// decodes itself from a single value as an enumeration with raw values does, from a column of that value's type.
    ///
    /// A type that is ``PQDecodable`` too is read from the only column of the row.
    ///
    /// - Throws: ``PQError`` with code ``PQError/Code/decodingFailed``, naming column, type and row; also for a property
    ///   without a column, even if it is optional.
    @_disfavoredOverload
    public func decode<Value: Decodable>(_ type: Value.Type) throws(PQError) -> Value {
        try RowDecoder(self.result).decode(type, row: self.row)
    }
}

extension PQRows {
    /// Reads each row as a `Decodable` type, each property from the column of its name.
    ///
    /// The columns are looked up once for all rows. Names and types are matched as for a single row.
    ///
    /// - Throws: ``PQError`` with code ``PQError/Code/decodingFailed``, naming column, type and row.
    @_disfavoredOverload
    public func decode<Value: Decodable>(_ type: Value.Type) throws(PQError) -> [Value] {
        var reader = RowReader<Value>()
        var values: [Value] = []
        values.reserveCapacity(self.count)
        for row in 0..<self.result.rowCount { values.append(try reader.read(self.result, row: row)) }
        return values
    }
}

/// Reads rows of one statement as a `Decodable` type; the columns are looked up for the first one.
struct RowReader<Value: Decodable> {
    private var decoder: RowDecoder?

    mutating func read(_ row: PQRow) throws(PQError) -> Value { try self.read(row.result, row: row.row) }

    mutating func read(_ result: PQResult, row: Int32) throws(PQError) -> Value {
        // A value that kept its decoder must not see the next row in it.
        if isKnownUniquelyReferenced(&self.decoder), let decoder = self.decoder {
            if decoder.result !== result { decoder.result = result }
            return try decoder.decode(Value.self, row: row)
        }
        let decoder = RowDecoder(result)
        self.decoder = decoder
        return try decoder.decode(Value.self, row: row)
    }
}

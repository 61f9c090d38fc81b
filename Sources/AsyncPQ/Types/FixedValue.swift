//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Values of types whose binary form always has the same length.
extension UnsafeRawBufferPointer {
    /// The bytes of a value that has to be of one type, in binary form, with this many bytes.
    func fixedValue(
        of expected: PQDataType, _ count: Int, _ type: PQDataType, _ format: PQFormat
    ) throws(PQDecodingFailure) -> UnsafeRawBufferPointer {
        guard type == expected, format == .binary else { throw .typeMismatch }
        guard self.count == count else { throw .invalidValue("\(self.count) bytes") }
        return self
    }

    /// The microseconds since 2000-01-01 of a value that has to be of one type, in binary form.
    func microseconds(
        of expected: PQDataType, _ type: PQDataType, _ format: PQFormat
    ) throws(PQDecodingFailure) -> Int64 {
        var reader = BinaryReader(try self.fixedValue(of: expected, 8, type, format))
        return try reader.integer(Int64.self)
    }
}

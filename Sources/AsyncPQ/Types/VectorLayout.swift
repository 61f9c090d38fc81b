//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The binary form that pgvector's types of dense vectors have in common.
///
/// Layout (pgvector source, `vector_send` and `halfvec_send`): the number of dimensions and a field that is not used as
/// 16-bit integers, then the numbers.
enum VectorLayout {
    /// Appends the bit patterns of a vector's numbers.
    ///
    /// - Parameter name: What the parameter is, for the error.
    static func append<Bits: FixedWidthInteger>(
        _ numbers: some Collection<Bits>, name: String, to bytes: inout [UInt8]
    ) throws(PQError) {
        guard let count = Int16(exactly: numbers.count) else {
            throw PQError(.unsupported, "a \(name) parameter has \(numbers.count) dimensions")
        }
        bytes.appendBigEndian(count)
        bytes.appendBigEndian(Int16(0))
        for number in numbers { bytes.appendBigEndian(number) }
    }

    /// Reads the bit patterns of a vector's numbers.
    static func read<Bits: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat, as bits: Bits.Type
    ) throws(PQDecodingFailure) -> [Bits] {
        guard type.rawValue >= PQDataType.firstUserType, format == .binary else { throw .typeMismatch }
        var reader = BinaryReader(bytes)
        let count = try reader.integer(Int16.self)
        guard count >= 0, try reader.integer(Int16.self) == 0,
            reader.remaining == Int(count) * MemoryLayout<Bits>.size
        else { throw .typeMismatch }
        var numbers: [Bits] = []
        numbers.reserveCapacity(Int(count))
        for _ in 0..<count { numbers.append(try reader.integer(bits)) }
        return numbers
    }
}

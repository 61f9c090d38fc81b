//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Array: PQEncodable where Element: PQEncodable {
    /// The array type of the elements, left to the server where there is no built-in one.
    public static var pqDataType: PQDataType {
        let element = Element.pqDataType == .inferred ? .text : Element.pqDataType
        return element.arrayType ?? .inferred
    }

    /// Encodes as a one-dimensional array.
    ///
    /// Layout (PostgreSQL source, `array_recv`): dimensions, whether there are NULLs, the element type, then for each
    /// dimension its length and lower bound, then each element with its length.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        let element: PQDataType = Element.pqDataType == .inferred ? .text : Element.pqDataType
        guard Element.pqFormat == .binary || element == .text else {
            throw PQError(.unsupported, "arrays of \(Element.self) cannot be bound; bind an array of text and cast it")
        }
        bytes.appendBigEndian(Int32(self.isEmpty ? 0 : 1))
        let nullsOffset = bytes.count
        bytes.appendBigEndian(Int32(0))
        bytes.appendBigEndian(element.rawValue)
        guard !self.isEmpty else { return true }
        bytes.appendBigEndian(Int32(self.count))
        bytes.appendBigEndian(Int32(1))
        for value in self {
            let lengthOffset = bytes.count
            bytes.appendBigEndian(Int32(-1))
            if try value.pqEncode(into: &bytes) {
                let length = Int32(bytes.count - lengthOffset - 4)
                bytes.replaceBigEndian(length, at: lengthOffset)
            } else {
                bytes.replaceBigEndian(Int32(1), at: nullsOffset)
            }
        }
        return true
    }
}

extension Array: PQDecodable where Element: PQDecodable {
    /// Reads a one-dimensional array in binary form; an empty array has no dimension.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard format == .binary else { throw .typeMismatch }
        guard let dimensions = bytes.bigEndian(at: 0, as: Int32.self),
            let hasNulls = bytes.bigEndian(at: 4, as: Int32.self),
            hasNulls == 0 || hasNulls == 1, let element = bytes.bigEndian(at: 8, as: UInt32.self)
        else { throw .typeMismatch }
        self = []
        guard dimensions != 0 else { return }
        guard dimensions == 1 else { throw .invalidValue("an array of \(dimensions) dimensions") }
        guard let count = bytes.bigEndian(at: 12, as: Int32.self), count >= 0 else { throw .invalidValue("its header") }
        var offset = 20
        for _ in 0..<count {
            guard let length = bytes.bigEndian(at: offset, as: Int32.self) else { throw .invalidValue("cut off") }
            offset += 4
            if length < 0 {
                self.append(try Element.pqDecodeNull())
                continue
            }
            guard Int(length) <= bytes.count - offset else { throw .invalidValue("cut off") }
            let slice = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(length)])
            self.append(try Element(pqBytes: slice, type: PQDataType(rawValue: element), format: .binary))
            offset += Int(length)
        }
    }
}

extension Array where Element == UInt8 {
    fileprivate mutating func replaceBigEndian(_ value: Int32, at offset: Int) {
        Swift.withUnsafeBytes(of: value.bigEndian) { source in
            for index in 0..<4 { self[offset + index] = source[index] }
        }
    }
}

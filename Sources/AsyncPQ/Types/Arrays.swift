//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Array: PQEncodable where Element: PQEncodable {
    /// The array type of the elements; the server infers it where there is no built-in one.
    public static var pqDataType: PQDataType { Element.pqArrayType }

    /// Text for elements whose form is text and whose type is not simply `text`.
    public static var pqFormat: PQFormat {
        Element.pqFormat == .text && Element.pqArrayType != PQDataType.text.arrayType ? .text : .binary
    }

    /// Encodes as a one-dimensional array.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        switch Self.pqFormat {
        case .text: try self.encodeText(into: &bytes)
        case .binary: try self.encodeBinary(into: &bytes)
        }
        return true
    }

    /// Layout (PostgreSQL source, `array_recv`): dimensions, whether there are NULLs, the element type, then for each
    /// dimension its length and lower bound, then each element with its length.
    private func encodeBinary(into bytes: inout [UInt8]) throws {
        let element: PQDataType = Element.pqDataType == .inferred ? .text : Element.pqDataType
        guard !PQDataType.isBuiltInArray(element) else {
            throw PQError(
                .unsupported,
                "an array of arrays (\(Self.self)) cannot be bound; bind the text of one, such as {{1,2},{3,4}}, and cast it"
            )
        }
        bytes.appendBigEndian(Int32(self.isEmpty ? 0 : 1))
        let nullsOffset = bytes.count
        bytes.appendBigEndian(Int32(0))
        bytes.appendBigEndian(element.rawValue)
        guard !self.isEmpty else { return }
        // A value that is too long for these numbers is too long for a message, and is refused before it is sent.
        bytes.appendBigEndian(Int32(clamping: self.count))
        bytes.appendBigEndian(Int32(1))
        for value in self {
            let lengthOffset = bytes.count
            bytes.appendBigEndian(Int32(-1))
            if try value.pqEncode(into: &bytes) {
                bytes.replaceBigEndian(Int32(clamping: bytes.count - lengthOffset - 4), at: lengthOffset)
            } else {
                bytes.replaceBigEndian(Int32(1), at: nullsOffset)
            }
        }
    }

    /// Layout: PostgreSQL documentation, "Array Input and Output Syntax"; every element in quotes.
    private func encodeText(into bytes: inout [UInt8]) throws {
        bytes.append(UInt8(ascii: "{"))
        var element: [UInt8] = []
        for (index, value) in self.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            element.removeAll(keepingCapacity: true)
            guard try value.pqEncode(into: &element) else {
                bytes.append(contentsOf: "NULL".utf8)
                continue
            }
            bytes.append(UInt8(ascii: "\""))
            for byte in element {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

extension Array: PQDecodable where Element: PQDecodable {
    /// Reads a one-dimensional array in binary form; an empty array has no dimension.
    ///
    /// Only a column of an array type is one: the bytes of many other values, a UUID of zeros for one, look like an
    /// empty array.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard format == .binary else { throw .typeMismatch }
        guard let dimensions = bytes.bigEndian(at: 0, as: Int32.self),
            let hasNulls = bytes.bigEndian(at: 4, as: Int32.self),
            hasNulls == 0 || hasNulls == 1, let element = bytes.bigEndian(at: 8, as: UInt32.self),
            type.isArray(of: PQDataType(rawValue: element))
        else { throw .typeMismatch }
        self = []
        guard dimensions != 0 else {
            guard bytes.count == 12 else {
                throw .invalidValue("an empty array with \(bytes.count - 12) bytes too many")
            }
            return
        }
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
        guard offset == bytes.count else { throw .invalidValue("an array with \(bytes.count - offset) bytes too many") }
    }
}

extension Array where Element == UInt8 {
    fileprivate mutating func replaceBigEndian(_ value: Int32, at offset: Int) {
        Swift.withUnsafeBytes(of: value.bigEndian) { source in
            for index in 0..<4 { self[offset + index] = source[index] }
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Bool: PQEncodable, PQDecodable {
    /// `boolean`.
    public static var pqDataType: PQDataType { .bool }

    /// Encodes as `boolean`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(self ? 1 : 0)
        return true
    }

    /// Reads `boolean`.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .bool else { throw .typeMismatch }
        guard bytes.count == 1, let byte = bytes.first else { throw .invalidValue("\(bytes.count) bytes") }
        self = format == .binary ? byte != 0 : byte == UInt8(ascii: "t")
    }
}

extension Double: PQEncodable, PQDecodable {
    /// `double precision`.
    public static var pqDataType: PQDataType { .float8 }

    /// Encodes as `double precision`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(self.bitPattern)
        return true
    }

    /// Reads `double precision` and `real`, and the nearest number to one of type `numeric`, such as an `avg`.
    ///
    /// A `numeric` beyond the range is an error.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .float8 || type == .float4 else {
            self = try Self(nearest: type, bytes, format)
            return
        }
        if format == .text {
            guard let value = Double(String(decoding: bytes, as: UTF8.self)) else {
                throw .invalidValue("not a number")
            }
            self = value
        } else if type == .float8, let bits = bytes.bigEndian(as: UInt64.self) {
            self = Double(bitPattern: bits)
        } else if type == .float4, let bits = bytes.bigEndian(as: UInt32.self) {
            self = Double(Float(bitPattern: bits))
        } else {
            throw .invalidValue("\(bytes.count) bytes")
        }
    }
}

extension Float: PQEncodable, PQDecodable {
    /// `real`.
    public static var pqDataType: PQDataType { .float4 }

    /// Encodes as `real`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(self.bitPattern)
        return true
    }

    /// Reads `real`, and the nearest number to one of type `numeric`, as `Double` does.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .float4 else {
            self = try Self(nearest: type, bytes, format)
            return
        }
        self = Float(try Double(pqBytes: bytes, type: type, format: format))
    }
}

extension BinaryFloatingPoint where Self: LosslessStringConvertible {
    /// The nearest number to a `numeric`.
    fileprivate init(
        nearest type: PQDataType, _ bytes: UnsafeRawBufferPointer, _ format: PQFormat
    ) throws(PQDecodingFailure) {
        guard type == .numeric else { throw .typeMismatch }
        let number = try PQNumeric(pqBytes: bytes, type: type, format: format)
        guard let value = Self(number.description), value.isFinite || !number.isFinite else {
            throw .invalidValue("out of range of \(Self.self)")
        }
        self = value
    }
}

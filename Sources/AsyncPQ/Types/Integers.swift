//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Int16: PQEncodable {
    /// `smallint`.
    public static var pqDataType: PQDataType { .int2 }
    /// Encodes as `smallint`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(self)
        return true
    }
}

extension Int32: PQEncodable {
    /// `integer`.
    public static var pqDataType: PQDataType { .int4 }
    /// Encodes as `integer`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(self)
        return true
    }
}

extension Int64: PQEncodable {
    /// `bigint`.
    public static var pqDataType: PQDataType { .int8 }
    /// Encodes as `bigint`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(self)
        return true
    }
}

extension Int: PQEncodable {
    /// `bigint`.
    public static var pqDataType: PQDataType { .int8 }
    /// Encodes as `bigint`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(Int64(self))
        return true
    }
}

extension UInt32: PQEncodable {
    /// `oid`.
    public static var pqDataType: PQDataType { .oid }
    /// Encodes as `oid`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(self)
        return true
    }
}

extension UInt32: PQDecodable {}
extension Int16: PQDecodable {}
extension Int32: PQDecodable {}
extension Int64: PQDecodable {}
extension Int: PQDecodable {}

extension PQDecodable where Self: FixedWidthInteger {
    /// Reads `smallint`, `integer`, `bigint` and `oid`; a value that does not fit is an error, never cut off.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        if format == .text {
            guard let value = Self(String(decoding: bytes, as: UTF8.self)) else {
                throw .invalidValue("not a whole number in range")
            }
            self = value
            return
        }
        let wide: Int64?
        if type == .int8 {
            wide = bytes.bigEndian(as: Int64.self)
        } else if type == .int4 {
            wide = bytes.bigEndian(as: Int32.self).map(Int64.init)
        } else if type == .int2 {
            wide = bytes.bigEndian(as: Int16.self).map(Int64.init)
        } else if type == .oid {
            wide = bytes.bigEndian(as: UInt32.self).map(Int64.init)
        } else {
            throw .typeMismatch
        }
        guard let wide else { throw .invalidValue("\(bytes.count) bytes") }
        guard let value = Self(exactly: wide) else { throw .invalidValue("out of range of \(Self.self)") }
        self = value
    }
}

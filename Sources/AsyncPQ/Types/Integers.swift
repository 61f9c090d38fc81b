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
    /// `bigint`; as a parameter of a query `integer` where that holds the value, see ``pqEncodeParameter(into:)``.
    public static var pqDataType: PQDataType { .int8 }
    /// `integer`.
    public static var pqNullType: PQDataType { .int4 }
    /// Encodes as `bigint`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.appendBigEndian(Int64(self))
        return true
    }

    /// Encodes as `integer` if that holds the value, and as `bigint` otherwise: as PostgreSQL takes the same number in the text
    /// of a query.
    ///
    /// Many functions and operators take `integer` only, such as `left`, `make_interval` and `date +`, and `integer` becomes
    /// `bigint` by itself where that is wanted.
    public func pqEncodeParameter(into bytes: inout [UInt8]) throws -> (type: PQDataType, isPresent: Bool) {
        guard let short = Int32(exactly: self) else { return (.int8, self.pqEncode(into: &bytes)) }
        return (.int4, short.pqEncode(into: &bytes))
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
    /// Reads `smallint`, `integer`, `bigint` and `oid`, and whole numbers of type `numeric`, such as the `sum` of a `bigint`; a
    /// value that does not fit is an error, never cut off.
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
        } else if type == .numeric {
            self = try Self(whole: PQNumeric(pqBytes: bytes, type: type, format: format))
            return
        } else {
            throw .typeMismatch
        }
        guard let wide else { throw .invalidValue("\(bytes.count) bytes") }
        guard let value = Self(exactly: wide) else { throw .invalidValue("out of range of \(Self.self)") }
        self = value
    }
}

extension FixedWidthInteger {
    /// The same value.
    fileprivate init(whole number: PQNumeric) throws(PQDecodingFailure) {
        guard case .finite(let isNegative) = number.kind else {
            throw .invalidValue("not finite; read it as Double or PQNumeric")
        }
        guard number.digits.count <= number.weight + 1 else {
            throw .invalidValue("a number with a fraction; read it as Double, Decimal or PQNumeric")
        }
        var value: Int64 = 0
        // Even the longest number ends within a few digits: each makes it 10,000 times as large.
        for place in number.digits.isEmpty ? 0..<0 : 0..<(number.weight + 1) {
            let digit = Int64(place < number.digits.count ? number.digits[place] : 0)
            let (shifted, isTooLarge) = value.multipliedReportingOverflow(by: 10_000)
            let (next, isOver) =
                isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            guard !isTooLarge, !isOver else { throw .invalidValue("out of range of \(Self.self)") }
            value = next
        }
        guard let value = Self(exactly: value) else { throw .invalidValue("out of range of \(Self.self)") }
        self = value
    }
}

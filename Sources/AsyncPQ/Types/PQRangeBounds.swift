//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Int32: PQRangeBound {
    /// `int4range`.
    public static var pqRangeType: PQDataType { .int4range }
    /// `int4multirange`.
    public static var pqMultirangeType: PQDataType { .int4multirange }
}

extension Int64: PQRangeBound {
    /// `int8range`.
    public static var pqRangeType: PQDataType { .int8range }
    /// `int8multirange`.
    public static var pqMultirangeType: PQDataType { .int8multirange }
}

extension Int: PQRangeBound {
    /// `int8range`.
    public static var pqRangeType: PQDataType { .int8range }
    /// `int8multirange`.
    public static var pqMultirangeType: PQDataType { .int8multirange }
}

extension Decimal: PQRangeBound {
    /// `numrange`.
    public static var pqRangeType: PQDataType { .numrange }
    /// `nummultirange`.
    public static var pqMultirangeType: PQDataType { .nummultirange }
}

extension PQNumeric: PQRangeBound {
    /// `numrange`.
    public static var pqRangeType: PQDataType { .numrange }
    /// `nummultirange`.
    public static var pqMultirangeType: PQDataType { .nummultirange }
}

extension PQDate: PQRangeBound {
    /// `daterange`.
    public static var pqRangeType: PQDataType { .daterange }
    /// `datemultirange`.
    public static var pqMultirangeType: PQDataType { .datemultirange }
}

extension PQTimestamp: PQRangeBound {
    /// `tsrange`.
    public static var pqRangeType: PQDataType { .tsrange }
    /// `tsmultirange`.
    public static var pqMultirangeType: PQDataType { .tsmultirange }
}

extension PQTimestampTZ: PQRangeBound {
    /// `tstzrange`.
    public static var pqRangeType: PQDataType { .tstzrange }
    /// `tstzmultirange`.
    public static var pqMultirangeType: PQDataType { .tstzmultirange }
}

extension Date: PQRangeBound {
    /// `tstzrange`; for `tsrange` and `daterange` bind ranges of ``PQTimestamp`` and ``PQDate``.
    public static var pqRangeType: PQDataType { .tstzrange }
    /// `tstzmultirange`.
    public static var pqMultirangeType: PQDataType { .tstzmultirange }

    /// Appends the nearest microsecond.
    ///
    /// - Throws: ``PQError`` for a time that the type cannot hold.
    public func pqEncodeBound(into bytes: inout [UInt8]) throws {
        guard let moment = PQTimestampTZ(self) else {
            throw PQError(.unsupported, "a Date bound of a range is outside the range of PostgreSQL's timestamps")
        }
        _ = moment.pqEncode(into: &bytes)
    }
}

extension PQDataType {
    /// The type of the bounds of a range type; for a range type of a database's own `own`, which the value knows.
    func boundOfRange(orOwn own: PQDataType) -> PQDataType? {
        switch self {
        case .int4range: .int4
        case .int8range: .int8
        case .numrange: .numeric
        case .tsrange: .timestamp
        case .tstzrange: .timestamptz
        case .daterange: .date
        default: self.rawValue >= Self.firstUserType ? (own == .inferred ? self : own) : nil
        }
    }

    /// The type of the ranges of a multirange type; the type itself for one of a database's own.
    var rangeOfMultirange: PQDataType? {
        switch self {
        case .int4multirange: .int4range
        case .int8multirange: .int8range
        case .nummultirange: .numrange
        case .tsmultirange: .tsrange
        case .tstzmultirange: .tstzrange
        case .datemultirange: .daterange
        default: self.rawValue >= Self.firstUserType ? self : nil
        }
    }
}

extension Range: PQEncodable, PQDecodable where Bound: PQRangeBound {
    /// The range type of the bounds.
    public static var pqDataType: PQDataType { Bound.pqRangeType }

    /// Encodes as `[lower,upper)`.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool { try PQRange(self).pqEncode(into: &bytes) }

    /// Reads a range that has both bounds and whose upper one does not belong to it, as ranges of whole numbers and of days have.
    ///
    /// Other ranges, the empty one among them, are an error: read them as ``PQRange``.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        let range = try PQRange<Bound>(pqBytes: bytes, type: type, format: format)
        guard case .between(.inclusive(let lower), .exclusive(let upper)) = range, lower <= upper else {
            throw .invalidValue("a range that is not of the form [a,b); read it as PQRange")
        }
        self = lower..<upper
    }
}

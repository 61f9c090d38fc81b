//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A range of values: the types `int4range`, `int8range`, `numrange`, `tsrange`, `tstzrange`, `daterange`, and ranges of your own.
///
/// The server brings ranges of whole numbers and of days into the form `[1,5)`; others come back as they were sent.
public enum PQRange<Bound: PQRangeBound>: Sendable {
    /// Where a range ends on one side.
    public enum Limit: Sendable {
        /// It does not end.
        case unbounded
        /// It ends with this value, which belongs to it.
        case inclusive(Bound)
        /// It ends at this value, which does not belong to it.
        case exclusive(Bound)
    }

    /// No value at all.
    case empty
    /// All values between two limits.
    case between(Limit, Limit)
}

/// A type of which there are ranges.
///
/// `Int`, `Int32`, `Int64`, `Decimal`, ``PQNumeric``, ``PQDate``, ``PQTimestamp``, ``PQTimestampTZ`` and `Date` are. A type of your own
/// says the identifier of its range type, or leaves it to the server with ``PQDataType/inferred``; its form is binary.
public protocol PQRangeBound: PQEncodable, PQDecodable, Comparable {
    /// The type of a range of such values.
    static var pqRangeType: PQDataType { get }
    /// The type of a multirange of such values.
    static var pqMultirangeType: PQDataType { get }
    /// Appends the bytes of a bound in binary form.
    ///
    /// By default what ``PQEncodable/pqEncode(into:)`` appends.
    func pqEncodeBound(into bytes: inout [UInt8]) throws
}

extension PQRangeBound {
    /// Encodes the value as a parameter is.
    public func pqEncodeBound(into bytes: inout [UInt8]) throws {
        guard Self.pqFormat == .binary, try self.pqEncode(into: &bytes) else {
            throw PQError(.unsupported, "a range of \(Self.self) cannot be bound: the bounds have no binary form")
        }
    }
}

extension PQRange: Equatable {
    /// Whether the bounds are equal, and both are, or are not, part of their ranges.
    public static func == (first: PQRange, second: PQRange) -> Bool {
        switch (first, second) {
        case (.empty, .empty): true
        case (.between(let lower, let upper), .between(let otherLower, let otherUpper)):
            lower == otherLower && upper == otherUpper
        case (.empty, .between), (.between, .empty): false
        }
    }
}

extension PQRange.Limit: Equatable {
    /// Whether both end at the same value in the same way.
    public static func == (first: Self, second: Self) -> Bool {
        switch (first, second) {
        case (.unbounded, .unbounded): true
        case (.inclusive(let value), .inclusive(let other)), (.exclusive(let value), .exclusive(let other)):
            value == other
        case (.unbounded, _), (.inclusive, _), (.exclusive, _): false
        }
    }
}

extension PQRange {
    /// From the lower bound up to, but without, the upper one; empty if they are equal.
    public init(_ range: Range<Bound>) {
        self = range.isEmpty ? .empty : .between(.inclusive(range.lowerBound), .exclusive(range.upperBound))
    }

    /// Both bounds and what is between them.
    public init(_ range: ClosedRange<Bound>) {
        self = .between(.inclusive(range.lowerBound), .inclusive(range.upperBound))
    }

    /// The bound and all that is greater.
    public init(_ range: PartialRangeFrom<Bound>) { self = .between(.inclusive(range.lowerBound), .unbounded) }

    /// All that is less than the bound.
    public init(_ range: PartialRangeUpTo<Bound>) { self = .between(.unbounded, .exclusive(range.upperBound)) }

    /// The bound and all that is less.
    public init(_ range: PartialRangeThrough<Bound>) { self = .between(.unbounded, .inclusive(range.upperBound)) }

    /// Whether a value lies in the range.
    public func contains(_ value: Bound) -> Bool {
        switch self {
        case .empty: false
        case .between(let lower, let upper):
            lower.admits(value) { bound, value in bound < value }
                && upper.admits(value) { bound, value in value < bound }
        }
    }
}

extension PQRange: PQEncodable, PQDecodable {
    /// What the first byte says (PostgreSQL source, `rangetypes.h`).
    private enum Flag {
        static var empty: UInt8 { 0x01 }
        static var lowerInclusive: UInt8 { 0x02 }
        static var upperInclusive: UInt8 { 0x04 }
        static var lowerUnbounded: UInt8 { 0x08 }
        static var upperUnbounded: UInt8 { 0x10 }
    }

    /// The range type of the bounds.
    public static var pqDataType: PQDataType { Bound.pqRangeType }

    /// Encodes in binary form: one byte of flags, then each bound with its length.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        switch self {
        case .empty: bytes.append(Flag.empty)
        case .between(let lower, let upper):
            bytes.append(
                lower.flags(inclusive: Flag.lowerInclusive, unbounded: Flag.lowerUnbounded)
                    | upper.flags(inclusive: Flag.upperInclusive, unbounded: Flag.upperUnbounded))
            for limit in [lower, upper] {
                guard let value = limit.value else { continue }
                try bytes.appendField { bytes in
                    try value.pqEncodeBound(into: &bytes)
                    return true
                }
            }
        }
        return true
    }

    /// Reads a range in binary form.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard format == .binary, let bound = type.boundOfRange(orOwn: Bound.pqDataType) else { throw .typeMismatch }
        var reader = BinaryReader(bytes)
        let flags = try reader.integer(UInt8.self)
        guard flags & Flag.empty == 0 else {
            try reader.finish()
            self = .empty
            return
        }
        let lower = try Limit(
            &reader, isUnbounded: flags & Flag.lowerUnbounded != 0, isInclusive: flags & Flag.lowerInclusive != 0,
            type: bound)
        let upper = try Limit(
            &reader, isUnbounded: flags & Flag.upperUnbounded != 0, isInclusive: flags & Flag.upperInclusive != 0,
            type: bound)
        try reader.finish()
        self = .between(lower, upper)
    }
}

extension PQRange.Limit {
    /// The value, if there is one.
    public var value: Bound? {
        switch self {
        case .unbounded: nil
        case .inclusive(let value), .exclusive(let value): value
        }
    }

    fileprivate func flags(inclusive: UInt8, unbounded: UInt8) -> UInt8 {
        switch self {
        case .unbounded: unbounded
        case .inclusive: inclusive
        case .exclusive: 0
        }
    }

    fileprivate func admits(_ value: Bound, _ isInside: (_ bound: Bound, _ value: Bound) -> Bool) -> Bool {
        switch self {
        case .unbounded: true
        case .inclusive(let bound): isInside(bound, value) || bound == value
        case .exclusive(let bound): isInside(bound, value)
        }
    }

    fileprivate init(
        _ reader: inout BinaryReader, isUnbounded: Bool, isInclusive: Bool, type: PQDataType
    ) throws(PQDecodingFailure) {
        if isUnbounded {
            self = .unbounded
        } else {
            guard let bytes = try reader.field() else { throw .invalidValue("a range with a bound that is NULL") }
            let value = try Bound(pqBytes: bytes, type: type, format: .binary)
            self = isInclusive ? .inclusive(value) : .exclusive(value)
        }
    }
}

extension PQRange: CustomStringConvertible {
    /// As the server shows it, but for quotes: `[1,5)`, `(,2024-02-29]`, `empty`.
    public var description: String {
        switch self {
        case .empty: return "empty"
        case .between(let lower, let upper):
            let open: String =
                switch lower {
                case .unbounded: "("
                case .inclusive(let value): "[\(value)"
                case .exclusive(let value): "(\(value)"
                }
            let close: String =
                switch upper {
                case .unbounded: ")"
                case .inclusive(let value): "\(value)]"
                case .exclusive(let value): "\(value))"
                }
            return "\(open),\(close)"
        }
    }
}

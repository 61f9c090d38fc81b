//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An exact decimal number of any length: the type `numeric`, with NaN and the infinities.
///
/// Two numbers are equal if their values are, as for the server: 1.0 and 1.00 are, and NaN equals itself. The text keeps the zeros
/// after the point.
public struct PQNumeric: Sendable {
    /// What it is.
    enum Kind: Sendable, Hashable {
        case negativeInfinity
        case finite(isNegative: Bool)
        case infinity
        case notANumber
    }

    let kind: Kind
    /// In base 10,000, the highest first, without zeros at either end; empty for 0.
    let digits: [UInt16]
    /// The first digit counts 10,000 to the power of this; 0 for 0.
    let weight: Int
    /// How many decimal digits are shown after the point, 0 to 16,383.
    let scale: Int

    private init(_ kind: Kind) {
        self.kind = kind
        self.digits = []
        self.weight = 0
        self.scale = 0
    }

    /// Takes digits with zeros at the ends; the sign of 0 is dropped.
    init(isNegative: Bool, digits: some Collection<UInt16>, weight: Int, scale: Int) {
        let leading = digits.prefix { $0 == 0 }.count
        var significant = Array(digits.dropFirst(leading))
        while significant.last == 0 { significant.removeLast() }
        self.kind = .finite(isNegative: isNegative && !significant.isEmpty)
        self.digits = significant
        self.weight = significant.isEmpty ? 0 : weight - leading
        self.scale = scale
    }

    /// Not a number, which is greater than every number.
    public static let nan = PQNumeric(.notANumber)
    /// Greater than every number.
    ///
    /// PostgreSQL 14 and newer have it.
    public static let infinity = PQNumeric(.infinity)
    /// Less than every number.
    ///
    /// PostgreSQL 14 and newer have it.
    public static let negativeInfinity = PQNumeric(.negativeInfinity)

    /// A whole number.
    public init(_ value: some BinaryInteger) {
        var rest = value.magnitude
        var digits: [UInt16] = []
        while rest > 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10_000)
            digits.append(UInt16(truncatingIfNeeded: digit))
            rest = quotient
        }
        self.init(isNegative: value < 0, digits: digits.reversed(), weight: digits.count - 1, scale: 0)
    }

    /// Whether it is NaN.
    public var isNaN: Bool { self.kind == .notANumber }

    /// Whether it is a number: neither NaN nor one of the infinities.
    public var isFinite: Bool {
        switch self.kind {
        case .finite: true
        case .negativeInfinity, .infinity, .notANumber: false
        }
    }
}

extension PQNumeric: Hashable, Comparable {
    /// Whether the values are equal; NaN equals itself.
    public static func == (first: PQNumeric, second: PQNumeric) -> Bool {
        first.kind == second.kind && first.weight == second.weight && first.digits == second.digits
    }

    /// Hashes the value.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.kind)
        hasher.combine(self.weight)
        hasher.combine(self.digits)
    }

    /// Whether the first value is less, as the server sorts: negative infinity, numbers, infinity, NaN.
    public static func < (first: PQNumeric, second: PQNumeric) -> Bool {
        switch (first.kind, second.kind) {
        case (.finite(let isNegative), .finite(let otherIsNegative)):
            if isNegative != otherIsNegative { return isNegative }
            return isNegative ? second.isSmaller(than: first) : first.isSmaller(than: second)
        case (.negativeInfinity, _): return second.kind != .negativeInfinity
        case (.finite, _): return second.kind != .negativeInfinity
        case (.infinity, _): return second.kind == .notANumber
        case (.notANumber, _): return false
        }
    }

    /// Compares the magnitudes of two numbers.
    private func isSmaller(than other: PQNumeric) -> Bool {
        if self.digits.isEmpty || other.digits.isEmpty { return self.digits.isEmpty && !other.digits.isEmpty }
        if self.weight != other.weight { return self.weight < other.weight }
        return self.digits.lexicographicallyPrecedes(other.digits)
    }
}

extension PQNumeric: ExpressibleByIntegerLiteral {
    /// A whole number.
    public init(integerLiteral value: Int) { self.init(value) }
}

extension PQNumeric: PQEncodable, PQDecodable {
    /// `numeric`.
    public static var pqDataType: PQDataType { .numeric }

    /// Encodes as `numeric`.
    ///
    /// Layout (PostgreSQL source, `numeric_send`): count of base-10,000 digits, weight of the first, sign, display scale as 16-bit
    /// integers, then the digits.
    ///
    /// - Throws: ``PQError`` for a number with more digits than the type holds: 131,072 before the point or 16,383 after it.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        guard let count = UInt16(exactly: self.digits.count), let weight = Int16(exactly: self.weight),
            let scale = Int16(exactly: self.scale), scale >= 0
        else { throw PQError(.unsupported, "a numeric parameter has more digits than PostgreSQL's numeric holds") }
        let sign: UInt16 =
            switch self.kind {
            case .finite(let isNegative): isNegative ? 0x4000 : 0
            case .notANumber: 0xC000
            case .infinity: 0xD000
            case .negativeInfinity: 0xF000
            }
        bytes.appendBigEndian(count)
        bytes.appendBigEndian(weight)
        bytes.appendBigEndian(sign)
        bytes.appendBigEndian(scale)
        for digit in self.digits { bytes.appendBigEndian(digit) }
        return true
    }

    /// Reads `numeric`.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .numeric else { throw .typeMismatch }
        if format == .text {
            guard let value = PQNumeric(String(decoding: bytes, as: UTF8.self)) else {
                throw .invalidValue("not a number")
            }
            self = value
            return
        }
        var reader = BinaryReader(bytes)
        let count = try reader.integer(UInt16.self)
        let weight = try reader.integer(Int16.self)
        let sign = try reader.integer(UInt16.self)
        let scale = try reader.integer(Int16.self)
        guard scale >= 0, reader.remaining == Int(count) * 2 else {
            throw .invalidValue("\(bytes.count) bytes")
        }
        switch sign {
        case 0x0000, 0x4000: break
        case 0xC000:
            self = .nan
            return
        case 0xD000:
            self = .infinity
            return
        case 0xF000:
            self = .negativeInfinity
            return
        default: throw .invalidValue("a number with an unknown sign")
        }
        var digits: [UInt16] = []
        digits.reserveCapacity(Int(count))
        for _ in 0..<count {
            let digit = try reader.integer(UInt16.self)
            guard digit < 10_000 else { throw .invalidValue("a number with a digit above 9999") }
            digits.append(digit)
        }
        self.init(isNegative: sign == 0x4000, digits: digits, weight: Int(weight), scale: Int(scale))
    }
}

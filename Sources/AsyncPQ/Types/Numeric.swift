//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Decimal: PQEncodable, PQDecodable {
    /// `numeric`.
    public static var pqDataType: PQDataType { .numeric }

    /// Encodes as `numeric`, exactly.
    public func pqEncode(into bytes: inout [UInt8]) throws -> Bool {
        guard let number = self.isNaN ? .nan : PQNumeric(self.description) else {
            throw PQError(.unsupported, "a Decimal parameter is not a number")
        }
        return try number.pqEncode(into: &bytes)
    }

    /// Reads `numeric`; `NaN` becomes `Decimal.nan`.
    ///
    /// A `Decimal` holds 38 digits; a longer or infinite `numeric` is an error, never rounded. ``PQNumeric`` holds all of them.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        let number = try PQNumeric(pqBytes: bytes, type: type, format: format)
        guard let value = Decimal(exactly: number) else {
            throw .invalidValue(
                number.isFinite
                    ? "a number with more digits than Decimal holds; read it as PQNumeric"
                    : "not finite; read it as PQNumeric")
        }
        self = value
    }

    /// The same value; nil for a number that a `Decimal` cannot hold exactly.
    ///
    /// NaN is `Decimal.nan`.
    public init?(exactly number: PQNumeric) {
        guard !number.isNaN else {
            self = .nan
            return
        }
        if let value = Self(short: number) {
            self = value
            return
        }
        guard number.isFinite, let (short, isZero) = Self.withoutPadding(number.description),
            let value = Decimal(string: short), !value.isNaN, value.isZero == isZero
        else { return nil }
        self = value
    }

    /// A number of at most 16 digits, without the detour of its text.
    private init?(short number: PQNumeric) {
        guard case .finite(let isNegative) = number.kind, number.digits.count <= 4 else { return nil }
        guard !number.digits.isEmpty else {
            self = 0
            return
        }
        var significand = number.digits.reduce(into: UInt64(0)) { $0 = $0 * 10_000 + UInt64($1) }
        var exponent = 4 * (number.weight - number.digits.count + 1)
        while significand.isMultiple(of: 10) {
            significand /= 10
            exponent += 1
        }
        guard (-128...127).contains(exponent) else { return nil }
        self.init(sign: isNegative ? .minus : .plus, exponent: exponent, significand: Decimal(significand))
    }

    /// The number as its significant digits and an exponent; nil if it does not fit into a `Decimal`.
    private static func withoutPadding(_ text: String) -> (text: String, isZero: Bool)? {
        var digits: [UInt8] = []
        var exponent = 0
        var isFraction = false
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        for unit in text.utf8.dropFirst(isNegative ? 1 : 0) {
            switch unit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits.append(unit)
                if isFraction { exponent -= 1 }
            case UInt8(ascii: ".") where !isFraction: isFraction = true
            default: return nil
            }
        }
        guard !digits.isEmpty else { return nil }
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        guard !significant.isEmpty else { return ("0", true) }
        guard significant.count <= 38, (-128...127).contains(exponent) else { return nil }
        return ("\(isNegative ? "-" : "")\(String(decoding: significant, as: UTF8.self))e\(exponent)", false)
    }
}

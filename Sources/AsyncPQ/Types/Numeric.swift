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

    /// Text, since a decimal's own text is exact.
    public static var pqFormat: PQFormat { .text }

    /// Encodes as `numeric`.
    public func pqEncode(into bytes: inout [UInt8]) -> Bool {
        bytes.append(contentsOf: (self.isNaN ? "NaN" : self.description).utf8)
        return true
    }

    /// Reads `numeric`; `NaN` becomes `Decimal.nan`.
    ///
    /// A `Decimal` holds 38 digits; a longer or infinite `numeric` is an error, never rounded.
    public init(pqBytes bytes: UnsafeRawBufferPointer, type: PQDataType, format: PQFormat) throws(PQDecodingFailure) {
        guard type == .numeric else { throw .typeMismatch }
        let text: String
        if format == .text {
            text = String(decoding: bytes, as: UTF8.self)
        } else {
            text = try NumericText(bytes).text
        }
        if text == "NaN" {
            self = .nan
            return
        }
        guard let (short, isZero) = Self.withoutPadding(text), let value = Decimal(string: short), !value.isNaN,
            value.isZero == isZero
        else {
            throw .invalidValue("more digits than Decimal holds, or not finite")
        }
        self = value
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

/// The binary form of `numeric` as decimal text.
///
/// Layout (PostgreSQL source, `numeric_send`): counts of base-10000 digits, weight of the first, sign, display scale as
/// 16-bit integers, then the digits.
struct NumericText {
    let text: String

    init(_ bytes: UnsafeRawBufferPointer) throws(PQDecodingFailure) {
        guard let count = bytes.bigEndian(at: 0, as: Int16.self).map(Int.init),
            let weight = bytes.bigEndian(at: 2, as: Int16.self).map(Int.init),
            let sign = bytes.bigEndian(at: 4, as: UInt16.self),
            let scale = bytes.bigEndian(at: 6, as: Int16.self).map(Int.init),
            count >= 0, scale >= 0, bytes.count == 8 + count * 2
        else { throw .invalidValue("\(bytes.count) bytes") }
        guard sign == 0x0000 || sign == 0x4000 else {
            guard sign == 0xC000 else { throw .invalidValue("infinity") }
            self.text = "NaN"
            return
        }
        for index in 0..<count {
            guard let digit = bytes.bigEndian(at: 8 + index * 2, as: UInt16.self), digit < 10_000 else {
                throw .invalidValue("a digit above 9999")
            }
        }
        /// Appends the base-10000 digit at a position; digits that the server did not send are 0.
        func append(_ index: Int, to text: inout [UInt8]) {
            var rest = index >= 0 && index < count ? bytes.bigEndian(at: 8 + index * 2, as: UInt16.self) ?? 0 : 0
            for power: UInt16 in [1000, 100, 10, 1] {
                text.append(UInt8(ascii: "0") + UInt8(rest / power))
                rest %= power
            }
        }
        var whole: [UInt8] = []
        for index in stride(from: 0, through: weight, by: 1) { append(index, to: &whole) }
        var fraction: [UInt8] = []
        var index = weight + 1
        while fraction.count < scale {
            append(index, to: &fraction)
            index += 1
        }
        let trimmed = whole.drop { $0 == UInt8(ascii: "0") }
        var text = sign == 0x4000 ? "-" : ""
        text += trimmed.isEmpty ? "0" : String(decoding: trimmed, as: UTF8.self)
        if scale > 0 { text += "." + String(decoding: fraction.prefix(scale), as: UTF8.self) }
        self.text = text
    }
}

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
        let digits = text.utf8.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.drop { $0 == 48 }
        guard digits.count <= 38, let value = Decimal(string: text) else {
            throw .invalidValue("more digits than Decimal holds, or not finite")
        }
        self = value
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
        /// The base-10000 digit at a position, 0 outside of what was sent.
        func group(_ index: Int) -> String {
            let value = index >= 0 && index < count ? bytes.bigEndian(at: 8 + index * 2, as: Int16.self) ?? 0 : 0
            let text = String(value)
            return String(repeating: "0", count: max(0, 4 - text.count)) + text
        }
        var whole = ""
        for index in stride(from: 0, through: max(weight, -1), by: 1) { whole += group(index) }
        var fraction = ""
        var index = weight + 1
        while fraction.count < scale {
            fraction += group(index)
            index += 1
        }
        fraction = String(fraction.prefix(scale))
        let trimmed = whole.drop { $0 == "0" }
        self.text =
            (sign == 0x4000 ? "-" : "") + (trimmed.isEmpty ? "0" : String(trimmed))
            + (fraction.isEmpty ? "" : "." + fraction)
    }
}

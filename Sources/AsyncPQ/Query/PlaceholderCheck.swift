//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import SQLTokens

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds values interpolated where the server sees no parameter: in a text, a quoted name or a comment.
///
/// `"interval '\(30) days'"` becomes `interval '$1 days'`, which the server reads as one day, whatever the number.
enum PlaceholderCheck {
    static func check(_ query: PQQuery, on handle: OpaquePointer) throws(PQError) {
        guard query.knowsPlaces, query.bindings.count > 0 else { return }
        var places: [Range<Int>] = []
        for (index, parameter) in query.bindings.parameters.enumerated() {
            places.append(parameter.place..<parameter.place + 1 + Self.digits(index + 1))
        }
        var sql = query.sql
        guard sql.withUTF8({ Self.mayHide(places, in: $0) }),
            let hidden = SQLTokens.firstHidden(places, in: query.sql)
        else { return }
        // With backslashes in plain quotes, which no session has unless it asks for it, texts end elsewhere.
        if let setting = PQparameterStatus(handle, "standard_conforming_strings"), strcmp(setting, "on") != 0 { return }
        throw PQError(
            .unsupported, "value \(hidden.index + 1) of the query \(Self.reason(hidden.token?.kind))", query: query.sql)
    }

    private static func digits(_ number: Int) -> Int { number < 10 ? 1 : 1 + self.digits(number / 10) }

    /// Whether the text contains anything in which a placeholder could be hidden.
    ///
    /// A text without is not cut into tokens.
    private static func mayHide(_ places: [Range<Int>], in text: UnsafeBufferPointer<UInt8>) -> Bool {
        func at(_ index: Int) -> UInt8 { text.indices.contains(index) ? text[index] : 0 }
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "'"), UInt8(ascii: "\""): return true
            case UInt8(ascii: "-") where at(index + 1) == UInt8(ascii: "-"): return true
            case UInt8(ascii: "/") where at(index + 1) == UInt8(ascii: "*"): return true
            case UInt8(ascii: "$") where !Self.isDigit(at(index + 1)): return true
            default: break
            }
        }
        return places.contains { Self.isWordPart(at($0.lowerBound - 1)) || Self.isWordPart(at($0.upperBound)) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isWordPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            0x80...0xFF:
            true
        default: Self.isDigit(byte)
        }
    }

    /// Cause and remedy, after "value 1 of the query".
    private static func reason(_ kind: SQLToken.Kind?) -> String {
        switch kind {
        case .text:
            "is inside of a text in quotes, where it is no parameter; join the parts, as in 'item-' || \\(value) or "
                + "LIKE '%' || \\(word) || '%', and multiply an interval: \\(days) * interval '1 day'"
        case .quotedName:
            "is inside of a quoted name, where it is no parameter; put the whole name in with \\(identifier: name)"
        case .lineComment, .blockComment:
            "is inside of a comment, where it is no parameter; take it out of the comment"
        case .whitespace, .word, .number, .parameter, .symbol, .punctuation, .openingParenthesis, .closingParenthesis,
            .semicolon, .junk, .stray, nil:
            "touches what stands beside it, so that the server reads both as one word; put a space between them"
        }
    }
}

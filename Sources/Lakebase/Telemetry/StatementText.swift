//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import SQLTokens

/// The text of a query as it may be shown: without comments, and with a question mark for each literal.
///
/// A query with bound parameters has no values in its text; this is for other queries.
enum StatementText {
    /// The longest text that is shown, in UTF-8 bytes.
    static let limit = 2000
    /// The part of a text that is read, in UTF-8 bytes; the rest is not shown.
    private static let readLimit = 64_000

    /// Blanks become one space; a text that ends within a literal ends there.
    static func shown(_ sql: String) -> String {
        let tokens = SQLTokens(bytes: Array(sql.utf8.prefix(Self.readLimit)))
        var text: [UInt8] = []
        // An N in front of a literal, which is a word of its own for the server.
        var hasPrefix = false
        for token in tokens {
            guard text.count < Self.limit else { break }
            let bytes = tokens.bytes[token.range]
            switch token.kind {
            case .whitespace, .lineComment, .blockComment:
                if let last = text.last, last != 32 { text.append(32) }
            case .text(let quotes):
                if hasPrefix { text.removeLast() }
                text.append(UInt8(ascii: "?"))
                // Where the literal ends depends on a setting of the server. Nothing is shown from here on.
                if Self.isAmbiguous(quotes), Self.hasEscapedQuote(bytes) { return Self.trimmed(text) }
            case .number, .junk: text.append(UInt8(ascii: "?"))
            case .word where Self.couldQuote(bytes):
                text += bytes.prefix { $0 != UInt8(ascii: "$") } + [UInt8(ascii: "?")]
                return Self.trimmed(text)
            case .word, .quotedName, .parameter, .symbol, .punctuation, .openingParenthesis, .closingParenthesis,
                .semicolon, .stray:
                text += bytes
            }
            hasPrefix = tokens.isWord(token, "n")
        }
        return Self.trimmed(text)
    }

    private static func trimmed(_ text: [UInt8]) -> String {
        String(decoding: text.dropLast(text.last == 32 ? 1 : 0), as: UTF8.self)
    }

    /// Whether backslashes count in such a literal only without `standard_conforming_strings`.
    private static func isAmbiguous(_ quotes: SQLToken.Quotes) -> Bool {
        switch quotes {
        case .standard, .unicode: true
        case .escapes, .bits, .hexadecimal, .dollars: false
        }
    }

    /// Whether a word contains what may have been meant as dollar quotes, as in `a$$secret$$`, which is a name for the
    /// server.
    private static func couldQuote(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count { $0 == UInt8(ascii: "$") } > 1
    }

    private static func hasEscapedQuote(_ bytes: ArraySlice<UInt8>) -> Bool {
        zip(bytes, bytes.dropFirst()).contains { $0 == UInt8(ascii: "\\") && $1 == UInt8(ascii: "'") }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The tokens of a text of SQL, in order and without gaps, split as PostgreSQL's own scanner splits them.
///
/// Any bytes have tokens: what the server would refuse, such as a quote that does not end, is a token all the same. The
/// time is proportional to the length of the text.
///
/// ```swift
/// for token in SQLTokens(sql) where token.kind == .parameter { … }
/// ```
package struct SQLTokens: Sequence, IteratorProtocol, Sendable {
    /// The text in UTF-8.
    package let bytes: [UInt8]
    /// Whether `'…'` has no backslash escapes: `standard_conforming_strings`, which is on unless a session turns it
    /// off.
    package let hasStandardStrings: Bool
    /// The index of the next token.
    var index = 0
    /// The state of the run of operator characters that contains the next token.
    var run = OperatorRun()

    /// Creates the tokens of bytes.
    package init(bytes: [UInt8], hasStandardStrings: Bool = true) {
        self.bytes = bytes
        self.hasStandardStrings = hasStandardStrings
    }

    /// Creates the tokens of a text.
    package init(_ text: some StringProtocol, hasStandardStrings: Bool = true) {
        self.init(bytes: Array(text.utf8), hasStandardStrings: hasStandardStrings)
    }

    /// The next token; nil at the end of the text.
    package mutating func next() -> SQLToken? {
        guard let first = self.byte(self.index) else { return nil }
        let start = self.index
        let (kind, isComplete) = self.take(first)
        return SQLToken(kind: kind, range: start..<self.index, isComplete: isComplete)
    }

    /// Skips the next token, whose first byte is given.
    private mutating func take(_ first: UInt8) -> (kind: SQLToken.Kind, isComplete: Bool) {
        let second = self.byte(self.index + 1)
        switch first {
        case _ where Self.isSpace(first):
            self.skip(while: Self.isSpace)
            return (.whitespace, true)
        case UInt8(ascii: "-") where second == UInt8(ascii: "-"):
            self.skip { !Self.isLineEnd($0) }
            return (.lineComment, true)
        case UInt8(ascii: "/") where second == UInt8(ascii: "*"): return (.blockComment, self.takeComment())
        case UInt8(ascii: "'"): return self.takeText(self.hasStandardStrings ? .standard : .escapes, prefix: 0)
        case UInt8(ascii: "\""): return (.quotedName, self.takeName(prefix: 0))
        case UInt8(ascii: "$"): return self.takeDollar()
        case UInt8(ascii: "."):
            if let second, Self.isDigit(second) { return (self.takeNumber(), true) }
            self.index += second == first ? 2 : 1
            return (.punctuation, true)
        case UInt8(ascii: ":"):
            self.index += second == first || second == UInt8(ascii: "=") ? 2 : 1
            return (.punctuation, true)
        case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"): return (self.takeOne(.punctuation), true)
        case UInt8(ascii: "("): return (self.takeOne(.openingParenthesis), true)
        case UInt8(ascii: ")"): return (self.takeOne(.closingParenthesis), true)
        case UInt8(ascii: ";"): return (self.takeOne(.semicolon), true)
        case _ where Self.isDigit(first): return (self.takeNumber(), true)
        case _ where Self.isOperator(first):
            self.takeOperator()
            return (.symbol, true)
        case _ where Self.isWordStart(first): return self.takeWord(first, second)
        case _: return (self.takeOne(.stray), true)
        }
    }

    private mutating func takeOne(_ kind: SQLToken.Kind) -> SQLToken.Kind {
        self.index += 1
        return kind
    }

    /// Skips a word, or a quoted token that begins with a letter.
    private mutating func takeWord(_ first: UInt8, _ second: UInt8?) -> (kind: SQLToken.Kind, isComplete: Bool) {
        let isQuoted = second == UInt8(ascii: "'")
        switch first | 0x20 {
        case UInt8(ascii: "e") where isQuoted: return self.takeText(.escapes, prefix: 1)
        case UInt8(ascii: "b") where isQuoted: return self.takeText(.bits, prefix: 1)
        case UInt8(ascii: "x") where isQuoted: return self.takeText(.hexadecimal, prefix: 1)
        case UInt8(ascii: "n") where isQuoted: return (self.takeOne(.word), true)
        case UInt8(ascii: "u") where second == UInt8(ascii: "&"):
            switch self.byte(self.index + 2) {
            case UInt8(ascii: "'"): return self.takeText(.unicode, prefix: 2)
            case UInt8(ascii: "\""): return (.quotedName, self.takeName(prefix: 2))
            case _: return (self.takeOne(.word), true)
            }
        case _:
            self.skip(while: Self.isWordPart)
            return (.word, true)
        }
    }
}

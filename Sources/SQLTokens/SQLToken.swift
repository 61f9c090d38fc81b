//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A token of SQL, as PostgreSQL's scanner splits a text: its kind and its bytes.
package struct SQLToken: Sendable, Hashable {
    /// The kind of a token.
    package enum Kind: Sendable, Hashable {
        /// Spaces, tabs, line feeds, carriage returns and form feeds in a row.
        case whitespace
        /// From `--` to the next line feed or carriage return, which is not part of it.
        case lineComment
        /// `/* … */`, including nested comments.
        case blockComment
        /// A key word or a name without quotes.
        case word
        /// `"…"`, or `U&"…"`.
        case quotedName
        /// A text in quotes, including its continuations on later lines.
        case text(Quotes)
        /// A number.
        case number
        /// `$1`.
        case parameter
        /// An operator of one or more characters.
        case symbol
        /// `,`, `[`, `]`, `.`, `:`, `..`, `::` or `:=`.
        case punctuation
        /// `(`.
        case openingParenthesis
        /// `)`.
        case closingParenthesis
        /// `;`.
        case semicolon
        /// A number or parameter directly followed by letters, which the server refuses since PostgreSQL 15.
        case junk
        /// A byte that begins no token, such as a backslash or a brace, or a dollar sign by itself.
        case stray
    }

    /// How a text is quoted.
    package enum Quotes: Sendable, Hashable {
        /// `'…'`, also after the `N` of a national text, which is a word of its own.
        case standard
        /// `E'…'`, with backslashes.
        case escapes
        /// `U&'…'`.
        case unicode
        /// `B'…'`.
        case bits
        /// `X'…'`.
        case hexadecimal
        /// `$$…$$`, `$tag$…$tag$`.
        case dollars
    }

    /// The kind of the token.
    package var kind: Kind
    /// The bytes of the token.
    package var range: Range<Int>
    /// False for a comment or quoted token that the end of the text cuts off.
    package var isComplete: Bool

    /// Whether the server's grammar ignores the token.
    package var isIgnored: Bool {
        switch self.kind {
        case .whitespace, .lineComment, .blockComment: true
        case .word, .quotedName, .text, .number, .parameter, .symbol, .punctuation, .openingParenthesis,
            .closingParenthesis, .semicolon, .junk, .stray:
            false
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A token of SQL, as PostgreSQL's scanner cuts a text into them: what it is, and which bytes it has.
package struct SQLToken: Sendable, Hashable {
    /// What a token is.
    package enum Kind: Sendable, Hashable {
        /// Spaces, tabs, line feeds, carriage returns and form feeds in a row.
        case whitespace
        /// From `--` to the next line feed or carriage return, which is not part of it.
        case lineComment
        /// `/* … */`, with the comments in it.
        case blockComment
        /// A key word or a name without quotes.
        case word
        /// `"…"`, or `U&"…"`.
        case quotedName
        /// A text in quotes, with the parts of it that follow on later lines.
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
        /// A number or parameter with letters behind it, which the server refuses since PostgreSQL 15.
        case junk
        /// A byte that begins nothing, such as a backslash or a brace, or a dollar sign by itself.
        case stray
    }

    /// How a text is quoted.
    package enum Quotes: Sendable, Hashable {
        /// `'…'`, also behind the `N` of a national text, which is a word of its own.
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

    /// What it is.
    package var kind: Kind
    /// Its bytes.
    package var range: Range<Int>
    /// False for a comment or something quoted that the end of the text cut off.
    package var isComplete: Bool

    /// Whether the server's grammar sees nothing of it.
    package var isIgnored: Bool {
        switch self.kind {
        case .whitespace, .lineComment, .blockComment: true
        case .word, .quotedName, .text, .number, .parameter, .symbol, .punctuation, .openingParenthesis,
            .closingParenthesis, .semicolon, .junk, .stray:
            false
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import SQLTokens

/// A text of SQL, split into its statements.
///
/// It skips semicolons by the rules of PostgreSQL's own scanner: in quotes of every kind, dollar quotes, comments (which nest, and end at
/// a carriage return as well as at a line feed) and the bodies of SQL functions between `BEGIN ATOMIC` and `END`. Everything else is left to
/// the server. Texts are read as the server reads them with `standard_conforming_strings` on.
public struct SQLScript: Sendable, Hashable {
    /// One statement of a script.
    public struct Statement: Sendable, Hashable {
        /// Its text, from its first word to the semicolon, which is left out.
        public var text: String
        /// The line its first word is in, counted from 1.
        public var line: Int
        /// Its first words, in lower case, as far as they are plain words: `create index concurrently`.
        public var words: [String]
    }

    /// Why a text could not be split.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        /// The line, counted from 1.
        public var line: Int
        /// What is wrong there.
        public var message: String
        /// What to do about it.
        public var remedy: String

        /// Line, reason and remedy.
        public var description: String { "line \(self.line): \(self.reason)" }

        /// Reason and remedy in one line.
        package var reason: String { "\(self.message): \(self.remedy)" }
    }

    /// The statements, in order; empty ones are left out.
    public let statements: [Statement]

    /// Splits a text.
    ///
    /// - Throws: ``Problem`` for a quote or comment that does not end, for a command of psql, which the server does not know, and for the rows
    ///   that a dump has behind `COPY`.
    public init(_ text: String) throws(Problem) {
        var splitter = SQLSplitter(text)
        self.statements = try splitter.statements()
    }
}

/// Collects the statements of a script from its tokens.
private struct SQLSplitter {
    /// A statement that has not ended.
    private struct Open {
        var start: Int
        var line: Int
        var end: Int
        var words: [String] = []
        var isInWords = true
    }

    private let tokens: SQLTokens
    private var ends = StatementEnds()
    private var line = 1
    private var open: Open?
    private var done: [SQLScript.Statement] = []
    /// The line of a COPY whose rows would follow in the text.
    private var copyLine: Int?

    init(_ text: String) { self.tokens = SQLTokens(text) }

    mutating func statements() throws(SQLScript.Problem) -> [SQLScript.Statement] {
        for token in self.tokens {
            try self.check(token)
            if self.ends.add(token, of: self.tokens) {
                self.finish()
            } else {
                self.take(token)
            }
            self.line += self.lines(in: token)
        }
        self.finish()
        return self.done
    }

    private mutating func take(_ token: SQLToken) {
        guard !token.isIgnored else {
            // A comment in a statement is part of it, for hints are put into comments.
            if token.kind != .whitespace { self.open?.end = token.range.upperBound }
            return
        }
        var open = self.open ?? Open(start: token.range.lowerBound, line: self.line, end: 0)
        open.end = token.range.upperBound
        if open.isInWords {
            open.isInWords = token.kind == .word && open.words.count < 8
            if open.isInWords { open.words.append(self.tokens.foldedText(of: token)) }
        }
        self.open = open
    }

    private mutating func finish() {
        guard let open = self.open else { return }
        self.open = nil
        let statement = SQLScript.Statement(
            text: self.tokens.text(in: open.start..<open.end), line: open.line, words: open.words)
        if self.copyLine == nil, statement.copiesFromClient { self.copyLine = open.line }
        self.done.append(statement)
    }

    private func check(_ token: SQLToken) throws(SQLScript.Problem) {
        guard let advice = self.problem(of: token) else { return }
        if let copyLine {
            // What follows are rows, and whatever was found in them means nothing.
            throw SQLScript.Problem(
                line: copyLine,
                message: "this is a dump with rows behind COPY, which only psql can send",
                remedy: "run it with 'lakebase psql -f FILE', or make it with 'pg_dump --inserts'")
        }
        throw SQLScript.Problem(line: self.line, message: advice.message, remedy: advice.remedy)
    }

    private func problem(of token: SQLToken) -> Advice? {
        switch token.kind {
        case .stray where self.tokens.text(of: token) == "\\":
            let rest = self.tokens.text(in: token.range.upperBound..<token.range.upperBound + 10)
            guard !rest.hasPrefix("restrict"), !rest.hasPrefix("unrestrict") else {
                return Advice(
                    "this is a dump for psql",
                    remedy: "run it with 'lakebase psql -f FILE', or remove its lines with \\restrict and \\unrestrict")
            }
            return Advice(
                "commands of psql, such as \\i or \\copy, cannot be used here",
                remedy: "run it with 'lakebase psql -f FILE'")
        case _ where token.isComplete: return nil
        case .blockComment: return Advice("the comment that begins here does not end", remedy: "end it with */")
        case .quotedName:
            return Advice("the quoted name that begins here does not end", remedy: "end it with a double quote")
        case .text(.dollars):
            let tag = self.tokens.text(in: token.range).dropFirst().prefix { $0 != "$" }
            return Advice("the text that begins here with $\(tag)$ does not end", remedy: "end it with $\(tag)$")
        case .text: return Advice("the quoted text that begins here does not end", remedy: "end it with a single quote")
        case .whitespace, .lineComment, .word, .number, .parameter, .symbol, .punctuation, .openingParenthesis,
            .closingParenthesis, .semicolon, .junk, .stray:
            return nil
        }
    }

    private func lines(in token: SQLToken) -> Int {
        switch token.kind {
        case .whitespace, .blockComment, .quotedName, .text:
            self.tokens.bytes[token.range].reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        case .lineComment, .word, .number, .parameter, .symbol, .punctuation, .openingParenthesis, .closingParenthesis,
            .semicolon, .junk, .stray:
            0
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A text of SQL, taken apart into its statements.
///
/// It knows what hides a semicolon: quotes of every kind, dollar quotes, comments (which nest in PostgreSQL) and the bodies of SQL functions
/// between `BEGIN ATOMIC` and `END`. It checks nothing else; that is the server's affair.
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

    /// Why a text could not be taken apart.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        /// The line, counted from 1.
        public var line: Int
        /// What is wrong there.
        public var message: String

        /// Line and reason.
        public var description: String { "line \(self.line): \(self.message)" }
    }

    /// The statements, in order; empty ones are left out.
    public let statements: [Statement]

    /// Takes a text apart.
    ///
    /// - Throws: ``Problem`` for a quote or comment that does not end, and for a command of psql, which the server does not know.
    public init(_ text: String) throws(Problem) {
        var scanner = SQLScanner(text)
        self.statements = try scanner.statements()
    }
}

/// Walks over the bytes of a script.
struct SQLScanner {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    /// Where the statement began, in bytes and lines; nil before its first word.
    private var start: (index: Int, line: Int)?
    private var words: [String] = []
    /// How many bodies of functions, and CASE in them, are open.
    private var depth = 0
    private var previousWord = ""
    private var parentheses = 0

    init(_ text: String) { self.bytes = Array(text.utf8) }

    mutating func statements() throws(SQLScript.Problem) -> [SQLScript.Statement] {
        var statements: [SQLScript.Statement] = []
        while let byte = self.peek() {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"), 0x0B, 0x0C:
                self.advance()
            case UInt8(ascii: "-") where self.peek(1) == UInt8(ascii: "-"): self.skipLine()
            case UInt8(ascii: "/") where self.peek(1) == UInt8(ascii: "*"): try self.skipComment()
            case UInt8(ascii: ";") where self.depth == 0 && self.parentheses == 0:
                if let statement = self.finish() { statements.append(statement) }
                self.advance()
            case UInt8(ascii: "\\") where self.start == nil:
                throw SQLScript.Problem(
                    line: self.line, message: "commands of psql, such as \\i or \\copy, cannot be used here")
            case UInt8(ascii: "'"):
                self.begin()
                self.breakWords()
                try self.skipQuoted(byte, "text", escapes: false)
            case UInt8(ascii: "\""):
                self.begin()
                self.breakWords()
                try self.skipQuoted(byte, "name", escapes: false)
            case UInt8(ascii: "$"):
                self.begin()
                self.breakWords()
                try self.skipDollar()
            default:
                self.begin()
                if Self.isWordStart(byte) {
                    try self.takeWord()
                } else {
                    if byte == UInt8(ascii: "(") { self.parentheses += 1 }
                    if byte == UInt8(ascii: ")") { self.parentheses = max(0, self.parentheses - 1) }
                    self.breakWords()
                    self.advance()
                }
            }
        }
        if let statement = self.finish() { statements.append(statement) }
        return statements
    }

    // MARK: Statements

    private mutating func begin() {
        if self.start == nil { self.start = (self.index, self.line) }
    }

    /// The words at the beginning end at the first thing that is no plain word.
    private mutating func breakWords() {
        if self.words.count < 8 { self.words.append("") }
        self.previousWord = ""
    }

    private mutating func finish() -> SQLScript.Statement? {
        defer {
            (self.start, self.words, self.depth, self.previousWord, self.parentheses) = (nil, [], 0, "", 0)
        }
        guard let start else { return nil }
        var end = self.index
        while end > start.index, Self.isSpace(self.bytes[end - 1]) { end -= 1 }
        return SQLScript.Statement(
            text: String(decoding: self.bytes[start.index..<end], as: UTF8.self), line: start.line,
            words: Array(self.words.prefix { !$0.isEmpty }))
    }

    private mutating func takeWord() throws(SQLScript.Problem) {
        let from = self.index
        while let byte = self.peek(), Self.isWordStart(byte) || Self.isDigit(byte) || byte == UInt8(ascii: "$") {
            self.advance()
        }
        let word = String(decoding: self.bytes[from..<self.index], as: UTF8.self).lowercased()
        // E'…' is the one text in which a backslash hides a quote; for the others see standard_conforming_strings.
        if word == "e", self.peek() == UInt8(ascii: "'") {
            try self.skipQuoted(UInt8(ascii: "'"), "text", escapes: true)
            return
        }
        if self.words.count < 8 { self.words.append(word) }
        // The body of a function in SQL has statements and semicolons of its own (PostgreSQL 14).
        if word == "atomic", self.previousWord == "begin" {
            self.depth = max(1, self.depth)
        } else if self.depth > 0, word == "case" {
            self.depth += 1
        } else if self.depth > 0, word == "end" {
            self.depth -= 1
        }
        self.previousWord = word
    }

    // MARK: What hides a semicolon

    private mutating func skipLine() {
        while let byte = self.peek(), byte != UInt8(ascii: "\n") { self.advance() }
    }

    private mutating func skipComment() throws(SQLScript.Problem) {
        let (line, opening) = (self.line, 1)
        var open = opening
        self.advance(2)
        while open > 0 {
            guard let byte = self.peek() else {
                throw SQLScript.Problem(line: line, message: "the comment that begins here does not end")
            }
            if byte == UInt8(ascii: "*"), self.peek(1) == UInt8(ascii: "/") {
                open -= 1
                self.advance(2)
            } else if byte == UInt8(ascii: "/"), self.peek(1) == UInt8(ascii: "*") {
                open += 1
                self.advance(2)
            } else {
                self.advance()
            }
        }
    }

    private mutating func skipQuoted(_ quote: UInt8, _ what: String, escapes: Bool) throws(SQLScript.Problem) {
        let line = self.line
        self.advance()
        while let byte = self.peek() {
            if escapes, byte == UInt8(ascii: "\\"), self.peek(1) != nil {
                self.advance(2)
            } else if byte == quote, self.peek(1) == quote {
                self.advance(2)
            } else {
                self.advance()
                if byte == quote { return }
            }
        }
        throw SQLScript.Problem(line: line, message: "the quoted \(what) that begins here does not end")
    }

    /// `$$ … $$` or `$tag$ … $tag$`; any other dollar sign, such as that of `$1`, is just passed over.
    private mutating func skipDollar() throws(SQLScript.Problem) {
        var length = 1
        while let byte = self.peek(length), Self.isWordStart(byte) || (length > 1 && Self.isDigit(byte)) { length += 1 }
        guard self.peek(length) == UInt8(ascii: "$") else { return self.advance() }
        let tag = Array(self.bytes[self.index...(self.index + length)])
        let line = self.line
        self.advance(tag.count)
        while self.peek() != nil {
            if self.peek() == UInt8(ascii: "$"), self.bytes[self.index...].starts(with: tag) {
                return self.advance(tag.count)
            }
            self.advance()
        }
        throw SQLScript.Problem(
            line: line, message: "the text that begins here with \(String(decoding: tag, as: UTF8.self)) does not end")
    }

    // MARK: Bytes

    private func peek(_ offset: Int = 0) -> UInt8? {
        let index = self.index + offset
        return index < self.bytes.count ? self.bytes[index] : nil
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where self.index < self.bytes.count {
            if self.bytes[self.index] == UInt8(ascii: "\n") { self.line += 1 }
            self.index += 1
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// What a word begins with: letters, the underscore, and all that is not ASCII.
    private static func isWordStart(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}

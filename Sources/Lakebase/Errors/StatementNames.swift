//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import SQLTokens

/// The names in a statement, and its first keyword.
///
/// This is not a parser: every word that could be a name counts as one, and the database is asked which of them exist.
/// String literals and comments contain no names; text between dollar quotes is read as the SQL of `DO`.
package struct StatementNames: Sendable, Equatable {
    /// Words that could be names, as PostgreSQL folds them.
    var words: Set<String> = []
    /// The keyword of the statement in capitals, such as `INSERT`, also after `WITH`.
    var verb = ""
    /// The unquoted words in capitals, in order.
    var keywords: [String] = []
    /// The names right after the verb, one of which is the table that is written; empty if none is.
    var targets: Set<String> = []
    /// All words in order, as PostgreSQL folds them.
    private var sequence: [String] = []

    /// The largest number of words that the database is asked about.
    private static let limit = 500

    package init(query: String?, message: String?) {
        if let query { self.read(query) }
        if let message { self.readMessage(message) }
        self.verb = self.keywords.first ?? ""
        if self.verb == "WITH" || self.verb == "EXPLAIN" {
            let acting = ["INSERT", "UPDATE", "DELETE", "MERGE"]
            self.verb = self.keywords.first(where: acting.contains) ?? "SELECT"
        }
        if ["INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "COPY", "LOCK"].contains(self.verb) {
            let behind = self.sequence.drop { $0 != self.verb.lowercased() }.dropFirst()
            // A schema and a table, or a table and what follows.
            self.targets = Set(behind.drop { ["into", "from", "only", "table"].contains($0) }.prefix(2))
        }
    }

    /// Reads a query, or the text within dollar quotes, which `DO` runs.
    private mutating func read(_ query: some StringProtocol, depth: Int = 0) {
        let tokens = SQLTokens(query)
        for token in tokens {
            guard self.words.count < Self.limit else { return }
            switch token.kind {
            case .quotedName:
                let name = Self.unquoted(tokens.text(of: token))
                self.words.insert(name)
                self.sequence.append(name)
            case .word:
                // Folded as the server folds names: the letters of ASCII and no others.
                let word = tokens.foldedText(of: token)
                self.words.insert(word)
                self.sequence.append(word)
                if self.keywords.count < Self.limit { self.keywords.append(tokens.text(of: token).uppercased()) }
            case .text(.dollars) where depth < 2:
                self.read(Self.body(tokens.text(of: token)), depth: depth + 1)
            case .whitespace, .lineComment, .blockComment, .text, .number, .parameter, .symbol, .punctuation,
                .openingParenthesis, .closingParenthesis, .semicolon, .junk, .stray:
                continue
            }
        }
    }

    /// The name within quotes, also where the text ends before it does.
    private static func unquoted(_ text: String) -> String {
        let bytes = text.utf8.drop { $0 != UInt8(ascii: "\"") }.dropFirst()
        let inside = String(Substring(bytes))
        let name = inside.endsExactly(with: "\"") ? String(Substring(bytes.dropLast())) : inside
        return name.replacing("\"\"", with: "\"")
    }

    /// The text between dollar quotes.
    private static func body(_ text: String) -> Substring {
        let tag = text.utf8.dropFirst().prefix { $0 != UInt8(ascii: "$") }.count + 2
        return Substring(text.utf8.dropFirst(tag).dropLast(tag))
    }

    /// Reads the names in a message: they are not quoted and may contain spaces, so every tail of the text may be one.
    private mutating func readMessage(_ message: String) {
        let parts = message.split(separator: " ").suffix(30)
        for start in parts.indices {
            self.words.insert(parts[start...].joined(separator: " "))
            self.words.insert(String(parts[start]))
        }
        for (index, quoted) in message.splitExactly(at: "\"", omittingEmptySubsequences: false).enumerated()
        where !index.isMultiple(of: 2) {
            self.words.insert(String(quoted))
        }
    }
}

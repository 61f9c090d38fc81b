//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// The names in a statement, and what it begins with.
///
/// No parser: every word that could be a name counts as one, and the database says which of them exist. What is in string
/// literals and comments is no name.
package struct StatementNames: Sendable, Equatable {
    /// Words that could be names, as PostgreSQL folds them.
    var words: Set<String> = []
    /// The first keyword that does something, in capitals: `INSERT`, also behind `WITH`.
    var verb = ""
    /// The unquoted words in capitals, in order.
    var keywords: [String] = []
    /// The names right behind the verb, of which one is the table that is written; empty if none is.
    var targets: Set<String> = []
    /// All words in order, as PostgreSQL folds them.
    private var sequence: [String] = []

    /// At most this many words are asked for.
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

    private mutating func read(_ query: String) {
        let text = Array(query.unicodeScalars)
        var index = 0
        while index < text.count, self.words.count < Self.limit {
            let scalar = text[index]
            let next = index + 1 < text.count ? text[index + 1] : " "
            switch scalar {
            case "'": index = Self.end(of: "'", in: text, from: index + 1)
            case "-" where next == "-": index = text[index...].firstIndex(of: "\n") ?? text.count
            case "/" where next == "*": index = Self.endOfComment(in: text, from: index + 2)
            case "\"":
                let end = Self.end(of: "\"", in: text, from: index + 1)
                let inside = String(String.UnicodeScalarView(text[(index + 1)..<max(index + 1, end - 1)]))
                self.words.insert(inside.replacing("\"\"", with: "\""))
                self.sequence.append(inside.replacing("\"\"", with: "\""))
                index = end
            case _ where Self.begins(scalar):
                var end = index + 1
                while end < text.count, Self.begins(text[end]) || Self.isDigit(text[end]) { end += 1 }
                let word = String(String.UnicodeScalarView(text[index..<end]))
                self.words.insert(word.lowercased())
                self.sequence.append(word.lowercased())
                if self.keywords.count < Self.limit { self.keywords.append(word.uppercased()) }
                index = end
            default: index += 1
            }
        }
    }

    /// Names stand in messages without quotes and may contain spaces, so every tail could be one.
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

    /// Where what begins with a quote is over; a doubled quote goes on.
    private static func end(of quote: Unicode.Scalar, in text: [Unicode.Scalar], from start: Int) -> Int {
        var index = start
        while index < text.count {
            if text[index] == quote {
                guard index + 1 < text.count, text[index + 1] == quote else { return index + 1 }
                index += 1
            }
            index += 1
        }
        return text.count
    }

    private static func endOfComment(in text: [Unicode.Scalar], from start: Int) -> Int {
        var index = start
        while index + 1 < text.count {
            if text[index] == "*", text[index + 1] == "/" { return index + 2 }
            index += 1
        }
        return text.count
    }

    private static func begins(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.value >= 128 || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) || scalar == "$" }
}

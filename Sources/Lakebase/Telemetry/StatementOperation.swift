//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import SQLTokens

/// What a statement does, by its first keyword.
///
/// The keyword is one of a closed list, so that no text of a query can become a label.
struct StatementOperation: Hashable, Sendable {
    /// The operation's index in ``names``, for tables.
    let index: Int

    /// PostgreSQL's commands, followed by the names for several statements and for anything else.
    static let names: [String] = [
        "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "TABLE",
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE",
        "PREPARE", "EXECUTE", "DEALLOCATE", "DECLARE", "FETCH", "MOVE", "CLOSE", "COPY",
        "CREATE", "ALTER", "DROP", "TRUNCATE", "COMMENT", "SECURITY", "IMPORT", "GRANT", "REVOKE", "REASSIGN",
        "SET", "RESET", "SHOW", "DISCARD", "LOAD", "LISTEN", "NOTIFY", "UNLISTEN", "LOCK", "CALL", "DO",
        "EXPLAIN", "ANALYZE", "VACUUM", "CLUSTER", "REINDEX", "REFRESH", "CHECKPOINT",
        "BATCH", "",
    ]

    /// Several statements at once.
    static let batch = StatementOperation(index: Self.names.count - 2)
    /// A statement whose keyword is not known.
    static let other = StatementOperation(index: Self.names.count - 1)

    init(index: Int) { self.index = index }

    /// Reads the first keyword, behind blanks, comments and opening parentheses.
    init(sql: String) {
        self = FirstWord.number(of: sql).flatMap { Self.byWord[$0] } ?? .other
    }

    /// The command in capitals; nil when it is not known.
    var name: String? { self == .other ? nil : Self.names[self.index] }

    private static let byWord: [UInt64: StatementOperation] = {
        var table: [UInt64: StatementOperation] = [:]
        for index in 0..<Self.batch.index {
            if let word = FirstWord.number(of: Self.names[index]) { table[word] = StatementOperation(index: index) }
        }
        return table
    }()
}

/// The first word of a text as a number, so that looking it up allocates nothing.
private enum FirstWord {
    /// Five bits a letter, whatever its case; nil when there is none, or more than a keyword has.
    static func number(of sql: String) -> UInt64? {
        // Nearly every statement begins with its keyword.
        if let first = sql.utf8.first, Self.letter(first) != nil { return self.number(of: sql.utf8[...]) }
        return self.number(behindOthersIn: sql)
    }

    /// The number of the word behind blanks, comments and opening parentheses.
    private static func number(behindOthersIn sql: String) -> UInt64? {
        let tokens = SQLTokens(bytes: Array(sql.utf8.prefix(Self.readLimit)))
        let first = tokens.first { !$0.isIgnored && $0.kind != .openingParenthesis }
        guard let first, first.kind == .word else { return nil }
        return self.number(of: sql.utf8.dropFirst(first.range.lowerBound))
    }

    /// How much is read: after a longer comment, the keyword is not looked for.
    private static let readLimit = 16_384

    private static func number(of text: Substring.UTF8View) -> UInt64? {
        var word: UInt64 = 0
        for unit in text {
            if let letter = Self.letter(unit) {
                guard word >> 59 == 0 else { return nil }
                word = word << 5 | UInt64(letter + 1)
            } else if unit == UInt8(ascii: "_") || unit == UInt8(ascii: "$") || (48...57).contains(unit) || unit >= 128
            {
                // The word is longer than any keyword.
                return nil
            } else {
                break
            }
        }
        return word == 0 ? nil : word
    }

    private static func letter(_ unit: UInt8) -> UInt8? {
        let letter = (unit | 0x20) &- UInt8(ascii: "a")
        return letter < 26 ? letter : nil
    }
}

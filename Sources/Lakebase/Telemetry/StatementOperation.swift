//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What a statement does, by its first keyword.
///
/// One of a closed list, so that no text of a query can become a label.
struct StatementOperation: Hashable, Sendable {
    /// Its place in ``names``, for tables.
    let index: Int

    /// PostgreSQL's commands, then what is none of them.
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
    /// Nothing that is known.
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

/// The first word of a text as a number, so that looking it up needs no memory.
private enum FirstWord {
    /// Five bits a letter, whatever its case; nil when there is none, or more than a keyword has.
    static func number(of sql: String) -> UInt64? {
        var rest = sql.utf8[...]
        while let unit = rest.first {
            if unit == UInt8(ascii: "(") || unit == 32 || (9...13).contains(unit) {
                rest.removeFirst()
            } else if !SQLComment.skip(&rest) {
                break
            }
        }
        var word: UInt64 = 0
        for unit in rest {
            let letter = (unit | 0x20) &- UInt8(ascii: "a")
            if letter < 26 {
                guard word >> 59 == 0 else { return nil }
                word = word << 5 | UInt64(letter + 1)
            } else if unit == UInt8(ascii: "_") || (48...57).contains(unit) || unit >= 128 {
                // The word goes on, and no keyword does so.
                return nil
            } else {
                break
            }
        }
        return word == 0 ? nil : word
    }
}

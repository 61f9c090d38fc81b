//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import ExactText

/// What queries have changed in a session, as far as it can be seen from outside.
package struct SessionChanges: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A transaction is open, or the connection is closed.
    package static let unsettled = SessionChanges(rawValue: 1)
    /// Settings, a role, listened channels, temporary objects, cursors or locks of the session.
    package static let state = SessionChanges(rawValue: 2)
    /// Statements of the user's own PREPARE.
    package static let statements = SessionChanges(rawValue: 4)
    /// Handlers of ``PQConnection/onClose(_:)`` that the holder of the lease registered.
    package static let observers = SessionChanges(rawValue: 8)
    /// A query is running on a leased connection.
    package static let busy = SessionChanges(rawValue: 16)

    /// The changes of a command to its session, by its command tag.
    ///
    /// - Parameter tag: The command tag, such as `SET` or `SELECT 1`.
    /// - Parameter sql: The statement, where it is one.
    init(commandTag tag: UnsafePointer<CChar>, of sql: String?) {
        // Almost all tags are distinguished by their first letter: S of SELECT and SET, D of DELETE, DO and DECLARE
        // CURSOR …
        switch UInt8(bitPattern: tag.pointee) {
        case UInt8(ascii: "S"), UInt8(ascii: "L"), UInt8(ascii: "D"), UInt8(ascii: "P"), UInt8(ascii: "C"): break
        default:
            self = []
            return
        }
        switch String(cString: tag) {
        // What it sets ends with the transaction.
        case "SET" where sql.map(SessionText.isLocal) ?? false: self = []
        case "SET", "LISTEN", "DECLARE CURSOR", "DO", "CALL": self = .state
        case "PREPARE": self = .statements
        default: self = []
        }
    }
}

/// Finds changes that the command tag does not show: functions that change the session, and temporary tables.
///
/// Words in literals, comments and quoted names count as well: to reset once too often does no harm. A function that
/// calls one of these is not seen through.
enum SessionText {
    /// Whether a statement changes its session, by the words in it.
    static func changesSession(_ sql: String) -> Bool {
        var sql = sql
        return sql.withUTF8 { Self.changesSession($0) } && !TransactionSettings.texts.contains { $0.isExactly(sql) }
    }

    private static func changesSession(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        var before = 0..<0
        var isFirst = true
        while index < text.count {
            guard Self.isWord(text[index]) else {
                index += 1
                continue
            }
            let start = index
            while index < text.count, Self.isWord(text[index]) { index += 1 }
            let word = start..<index
            if Self.matters(text, word, after: before, isFirst: isFirst) { return true }
            before = word
            isFirst = false
        }
        return false
    }

    private static func matters(
        _ text: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, after before: Range<Int>, isFirst: Bool
    ) -> Bool {
        func reads(_ range: Range<Int>, _ expected: StaticString) -> Bool {
            guard range.count == expected.utf8CodeUnitCount else { return false }
            // Upper and lower case differ by one bit; a few other characters too, which does no harm.
            return range.indices.allSatisfy { text[$0] | 0x20 == expected.utf8Start[$0 - range.lowerBound] | 0x20 }
        }
        switch word.count {
        case 4:
            if isFirst, reads(word, "call") { return true }
            return reads(word, "temp") && Self.makers.contains { reads(before, $0) }
        case 7: return reads(word, "pg_temp")
        case 9: return reads(word, "temporary") && Self.makers.contains { reads(before, $0) }
        case 10: return reads(word, "set_config")
        case 14...27: return Self.locks.contains { reads(word, $0) }
        default: return false
        }
    }

    /// The words before TEMP in a statement that creates a temporary object.
    private static let makers: [StaticString] = ["create", "into", "replace", "local", "global"]

    private static let locks: [StaticString] = [
        "dblink_connect", "dblink_connect_u", "pg_advisory_lock", "pg_advisory_lock_shared", "pg_try_advisory_lock",
        "pg_try_advisory_lock_shared",
    ]

    private static func isWord(_ unit: UInt8) -> Bool {
        switch unit {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...0xFF:
            true
        default: false
        }
    }

    /// Whether a procedure is called, which can commit.
    static func isCall(_ sql: String) -> Bool {
        guard let first = sql.utf8.split(maxSplits: 1, whereSeparator: { !Self.isWord($0) }).first else { return false }
        return String(decoding: first, as: UTF8.self).lowercased() == "call"
    }

    /// Whether a statement can commit something before it ends: a procedure or a block of code.
    static func mayCommit(_ sql: String) -> Bool {
        guard let first = sql.utf8.split(maxSplits: 1, whereSeparator: { !Self.isWord($0) }).first else { return false }
        return ["call", "do"].contains { $0.isExactly(String(decoding: first, as: UTF8.self).lowercased()) }
    }

    /// Whether a SET holds until the end of its transaction only.
    static func isLocal(_ sql: String) -> Bool {
        let words = sql.utf8.split(maxSplits: 2, omittingEmptySubsequences: true) { !Self.isWord($0) }
        guard words.count >= 2 else { return false }
        let second = String(decoding: words[1], as: UTF8.self).lowercased()
        return String(decoding: words[0], as: UTF8.self).lowercased() == "set"
            && ["local", "transaction", "constraints"].contains { $0 == second }
    }
}

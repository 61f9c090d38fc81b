//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Crypto

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A step of a database's schema: what it does, and how it is undone if it can be.
///
/// ```sql
/// -- 0002_find_notes_by_author.sql
/// -- lakebase: no transaction
/// CREATE INDEX CONCURRENTLY IF NOT EXISTS notes_author ON notes (author);
/// ```
///
/// All of a migration runs in one transaction, unless a comment before its first statement says `lakebase: no transaction`.
public struct Migration: Sendable, Hashable {
    /// Its number, by which migrations are ordered.
    public let version: Int64
    /// Its name: letters, digits, `_`, `-` and `.`.
    public let name: String
    /// Where it came from, for errors; a file's name.
    public let source: String
    /// What it does.
    public let up: SQLScript
    /// How it is undone; nil when it cannot be.
    public let down: SQLScript?
    /// Whether it runs in one transaction.
    public let isTransactional: Bool
    /// Whether it is undone in one transaction.
    public let isDownTransactional: Bool
    /// The SHA-256 of its text in hexadecimal digits.
    ///
    /// Line ends count as line feeds, so that a checkout on Windows has the same.
    public let checksum: String

    /// A migration from its texts.
    ///
    /// - Parameters:
    ///   - version: Its number, from 1.
    ///   - name: Its name.
    ///   - up: What it does, in SQL.
    ///   - down: How it is undone.
    ///   - source: Where it came from; made from number and name when nil.
    /// - Throws: ``MigrationError`` for a text that cannot be taken apart, is empty, or begins or ends a transaction of its own.
    public init(version: Int64, name: String, up: String, down: String? = nil, source: String? = nil)
        throws(MigrationError)
    {
        let source = source ?? "\(version)_\(name).sql"
        guard version > 0, Self.isName(name) else {
            throw MigrationError(
                .invalid, "a migration has a number from 1 and a name of letters, digits, '_', '-' and '.'",
                file: source)
        }
        self.version = version
        self.name = name
        self.source = source
        self.isTransactional = !Self.optsOut(up)
        self.up = try Self.script(up, file: source, isTransactional: self.isTransactional)
        self.isDownTransactional = down.map { !Self.optsOut($0) } ?? true
        if let down {
            let file = source.hasSuffix(".sql") ? "\(source.dropLast(4)).down.sql" : "\(source), down"
            self.down = try Self.script(down, file: file, isTransactional: self.isDownTransactional)
        } else {
            self.down = nil
        }
        self.checksum = Self.checksum(of: up)
    }

    /// The file that says how it is undone, for errors.
    var downSource: String {
        self.source.hasSuffix(".sql") ? "\(self.source.dropLast(4)).down.sql" : "\(self.source), down"
    }

    static func isName(_ name: String) -> Bool {
        (1...200).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy {
                $0 == "_" || $0 == "-" || $0 == "." || $0.properties.isAlphabetic || $0.properties.numericType != nil
            }
    }

    static func checksum(of text: String) -> String {
        let bytes = Array(text.utf8).split(separator: [0x0D, 0x0A], omittingEmptySubsequences: false)
        return SHA256.hash(data: Data(bytes.joined(separator: [0x0A]))).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    /// Whether a comment before the first statement asks for no transaction.
    private static func optsOut(_ text: String) -> Bool {
        for line in text.split(whereSeparator: \.isNewline) {
            let bare = line.drop(while: \.isWhitespace)
            guard bare.hasPrefix("--") else { return false }
            let words = bare.dropFirst(2).lowercased().split { !$0.isLetter }
            if words == ["lakebase", "no", "transaction"] { return true }
        }
        return false
    }

    private static func script(
        _ text: String, file: String, isTransactional: Bool
    ) throws(MigrationError) -> SQLScript {
        let script: SQLScript
        do {
            script = try SQLScript(text)
        } catch {
            throw MigrationError(.invalid, error.message, file: file, line: error.line)
        }
        guard !script.statements.isEmpty else {
            throw MigrationError(.invalid, "there is no statement in it", file: file)
        }
        for statement in script.statements {
            if let problem = Self.problem(of: statement, isTransactional: isTransactional) {
                throw MigrationError(.invalid, problem, file: file, line: statement.line, statement: statement.text)
            }
        }
        return script
    }

    /// What a migration must not do, because it would take the transaction out of our hands.
    private static func problem(of statement: SQLScript.Statement, isTransactional: Bool) -> String? {
        let words = statement.words
        switch words.first {
        case "begin", "commit", "rollback", "end", "abort", "start", "savepoint", "release":
            return isTransactional
                ? "a migration runs in a transaction already: leave this out, or begin the file with '-- lakebase: no transaction'"
                : "each statement of a migration without a transaction runs by itself: leave this out"
        case "prepare" where words.dropFirst().first == "transaction":
            return "a migration must not leave a prepared transaction behind"
        case "copy" where statement.text.lowercased().contains("stdin"):
            return "there is no input to copy from: use INSERT"
        default: return nil
        }
    }
}

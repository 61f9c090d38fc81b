//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Digests
internal import ExactText

/// A step of a database's schema: what it does, and how it is undone if it can be.
///
/// ```sql
/// -- 0002_find_notes_by_author.sql
/// -- lakebase: no transaction
/// CREATE INDEX CONCURRENTLY IF NOT EXISTS notes_author ON notes (author);
/// ```
///
/// All of a migration runs in one transaction, unless a comment before its first statement says `lakebase: no transaction`; a reason may stand
/// behind it.
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
    /// - Throws: ``MigrationError`` for a text that cannot be taken apart, is empty, begins or ends a transaction of its own, or is a file of another
    ///   program with the way back in it.
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
        (self.up, self.isTransactional) = try Self.script(up, file: source)
        if let down {
            let script = try Self.script(down, file: Self.downSource(of: source))
            (self.down, self.isDownTransactional) = (script.script, script.isTransactional)
        } else {
            (self.down, self.isDownTransactional) = (nil, true)
        }
        self.checksum = Self.checksum(of: up)
    }

    /// The file that says how it is undone, for errors.
    var downSource: String { Self.downSource(of: self.source) }

    private static func downSource(of source: String) -> String {
        for end in [".up.sql", ".sql"] where source.endsExactly(with: end) {
            return String(Substring(source.utf8.dropLast(end.utf8.count))) + ".down.sql"
        }
        return "\(source), down"
    }

    static func isName(_ name: String) -> Bool {
        (1...200).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy {
                $0 == "_" || $0 == "-" || $0 == "." || $0.properties.isAlphabetic || $0.properties.numericType != nil
            }
    }

    static func checksum(of text: String) -> String {
        let (carriageReturn, lineFeed) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if byte == lineFeed, bytes.last == carriageReturn { bytes.removeLast() }
            bytes.append(byte)
        }
        return SHA256Hash(of: bytes).hex
    }

    /// Takes a text apart, and refuses what would not do what its writer meant.
    private static func script(
        _ text: String, file: String
    ) throws(MigrationError) -> (script: SQLScript, isTransactional: Bool) {
        let comments = MigrationComments(text)
        if let foreign = comments.foreign {
            throw MigrationError(.invalid, foreign.message, file: file, line: foreign.line)
        }
        let isTransactional = !comments.optsOutOfTransaction
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
        return (script, isTransactional)
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
        case "copy" where statement.copiesFromClient: return "there is no input to copy from: use INSERT"
        case "copy" where statement.movesRowsOverConnection: return "there is no place to copy to: leave this out"
        case "discard" where words.dropFirst().first == "all":
            return
                "this would give back the lock that keeps other migrators away, and each migration begins as in a new session: leave this out"
        default: return statement.refusedSetting
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Digests
internal import ExactText

/// A change of a database's schema, with the statements that undo it if it can be undone.
///
/// ```sql
/// -- 0002_find_notes_by_author.sql
/// -- lakebase: no transaction
/// CREATE INDEX CONCURRENTLY IF NOT EXISTS notes_author ON notes (author);
/// ```
///
/// A migration runs in one transaction, unless a comment before its first statement is `lakebase: no transaction`; a reason may
/// follow.
public struct Migration: Sendable, Hashable {
    /// Its number, which defines the order of migrations.
    public let version: Int64
    /// Its name: letters, digits, `_`, `-` and `.`.
    public let name: String
    /// Its source, for errors: the name of a file.
    public let source: String
    /// The statements that apply it.
    public let up: SQLScript
    /// The statements that undo it; nil when it cannot be undone.
    public let down: SQLScript?
    /// Whether it runs in one transaction.
    public let isTransactional: Bool
    /// Whether it is undone in one transaction.
    public let isDownTransactional: Bool
    /// The SHA-256 of its text in hexadecimal digits.
    ///
    /// Line ends count as line feeds, so that it is the same in a checkout on Windows.
    public let checksum: String

    /// Creates a migration from its texts.
    ///
    /// - Parameters:
    ///   - version: Its number, from 1.
    ///   - name: Its name.
    ///   - up: The SQL that applies it.
    ///   - down: The SQL that undoes it; nil when it cannot be undone.
    ///   - source: Its source, for errors; derived from number and name when nil.
    /// - Throws: ``MigrationError`` for a text that cannot be taken apart, is empty, begins or ends a transaction of its own, or is a file of another
    ///   program that also contains the statements to undo it.
    public init(version: Int64, name: String, up: String, down: String? = nil, source: String? = nil)
        throws(MigrationError)
    {
        let source = source ?? "\(version)_\(name).sql"
        guard version > 0, Self.isName(name) else {
            throw MigrationError(
                .invalid, "its number or its name cannot be that of a migration", file: source,
                remedy: "use a number from 1, and a name of letters, digits, '_', '-' and '.'")
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

    /// The file with the statements that undo it, for errors.
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
            throw MigrationError(
                .invalid, foreign.advice.message, file: file, line: foreign.line, remedy: foreign.advice.remedy)
        }
        let isTransactional = !comments.optsOutOfTransaction
        let script: SQLScript
        do {
            script = try SQLScript(text)
        } catch {
            throw MigrationError(.invalid, error.message, file: file, line: error.line, remedy: error.remedy)
        }
        guard !script.statements.isEmpty else {
            throw MigrationError(
                .invalid, "there is no statement in it", file: file, remedy: "write its statements, or remove the file")
        }
        for statement in script.statements {
            if let problem = Self.problem(of: statement, isTransactional: isTransactional) {
                throw MigrationError(
                    .invalid, problem.message, file: file, line: statement.line, statement: statement.text,
                    remedy: problem.remedy)
            }
        }
        return (script, isTransactional)
    }

    /// Why a statement must not be in a migration, mostly because it would end or begin the migration's transaction.
    private static func problem(of statement: SQLScript.Statement, isTransactional: Bool) -> Advice? {
        let words = statement.words
        switch words.first {
        case "begin", "commit", "rollback", "end", "abort", "start", "savepoint", "release":
            return isTransactional
                ? Advice(
                    "a migration runs in a transaction already",
                    remedy: "leave this out, or begin the file with '-- lakebase: no transaction'")
                : Advice(
                    "each statement of a migration without a transaction runs by itself", remedy: "leave this out")
        case "prepare" where words.dropFirst().first == "transaction":
            return Advice("a migration must not leave a prepared transaction behind", remedy: "leave this out")
        case "copy" where statement.copiesFromClient:
            return Advice("there is no input to copy from", remedy: "use INSERT")
        case "copy" where statement.movesRowsOverConnection:
            return Advice("there is no place to copy to", remedy: "leave this out")
        case "discard" where words.dropFirst().first == "all":
            return Advice(
                "this would release the lock that keeps other migrators away, and each migration begins as in a new session",
                remedy: "leave this out")
        default: return statement.refusedSetting
        }
    }
}

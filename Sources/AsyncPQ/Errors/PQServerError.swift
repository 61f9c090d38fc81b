//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import ExactText

/// An error or notice as the server sent it, with all its fields.
///
/// Fields: PostgreSQL documentation, "Error and Notice Message Fields".
public struct PQServerError: Sendable, Hashable {
    /// ERROR, FATAL or PANIC for errors; WARNING, NOTICE, DEBUG, INFO or LOG for notices.
    ///
    /// Never translated.
    public var severity: String
    /// The five-character code.
    public var sqlState: SQLState
    /// The primary message, one line.
    public var message: String
    /// More about the problem.
    ///
    /// It can quote values of rows.
    public var detail: String?
    /// What to do about it.
    public var hint: String?
    /// The position of the error in the query, counted in characters from 1.
    public var position: Int?
    /// The position in an internally generated command, counted in characters from 1.
    public var internalPosition: Int?
    /// The text of a failed internally generated command.
    public var internalQuery: String?
    /// The call stack of functions and internal queries.
    public var context: String?
    /// The schema that the error is about.
    public var schemaName: String?
    /// The table that the error is about.
    public var tableName: String?
    /// The column that the error is about.
    public var columnName: String?
    /// The data type that the error is about.
    public var dataTypeName: String?
    /// The constraint that the error is about.
    public var constraintName: String?
    /// The server's source file.
    public var sourceFile: String?
    /// The line in the server's source file.
    public var sourceLine: Int?
    /// The routine in the server's source.
    public var sourceRoutine: String?

    /// Creates an error with the fields that every error has.
    public init(severity: String, sqlState: SQLState, message: String, detail: String? = nil, hint: String? = nil) {
        self.severity = severity
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.hint = hint
    }

    init?(result: OpaquePointer) {
        func field(_ letter: Character) -> String? {
            guard let code = letter.asciiValue else { return nil }
            return PQresultErrorField(result, Int32(code)).map { String(cString: $0) }
        }
        guard let message = field("M") else { return nil }
        self.init(
            severity: field("V") ?? field("S") ?? "ERROR",
            sqlState: SQLState(rawValue: field("C") ?? "XX000"),
            message: message,
            detail: field("D"),
            hint: field("H")
        )
        self.position = field("P").flatMap(Int.init)
        self.internalPosition = field("p").flatMap(Int.init)
        self.internalQuery = field("q")
        self.context = field("W")
        self.schemaName = field("s")
        self.tableName = field("t")
        self.columnName = field("c")
        self.dataTypeName = field("d")
        self.constraintName = field("n")
        self.sourceFile = field("F")
        self.sourceLine = field("L").flatMap(Int.init)
        self.sourceRoutine = field("R")
    }

    /// Reads the verbose text that libpq keeps after a refused login.
    ///
    /// For a failed connection libpq offers text only, no fields. In verbose mode its first line is `SEVERITY:
    /// SQLSTATE: message`, followed by lines that begin with `DETAIL:`, `HINT:` and `LOCATION:` (libpq,
    /// PQsetErrorVerbosity). The line can carry a prefix that names the server.
    init?(connectionMessage text: String) {
        var fields: (severity: String, state: String, message: String)?
        var detail: String?
        var hint: String?
        for line in text.splitExactly(at: "\n") {
            if let found = Self.primaryFields(in: line) {
                // Several attempts (addresses, with and without TLS) leave several errors; the last one counts.
                fields = found
                detail = nil
                hint = nil
            } else if let rest = line.droppingExactly(prefix: "DETAIL:  ") {
                detail = String(rest)
            } else if let rest = line.droppingExactly(prefix: "HINT:  ") {
                hint = String(rest)
            }
        }
        guard let fields else { return nil }
        self.init(
            severity: fields.severity, sqlState: SQLState(rawValue: fields.state), message: fields.message,
            detail: detail, hint: hint)
    }

    private static func primaryFields(in line: Substring) -> (severity: String, state: String, message: String)? {
        for severity in ["FATAL", "ERROR", "PANIC"] {
            guard let rest = line.text(behind: severity + ":  ") else { continue }
            let state = rest.utf8.prefix(5)
            guard state.count == 5, state.allSatisfy(SQLState.isCodeUnit),
                let message = rest[state.endIndex...].droppingExactly(prefix: ": ")
            else { return (severity, "XX000", String(rest)) }
            return (severity, String(rest[..<state.endIndex]), String(message))
        }
        return nil
    }
}

extension Substring {
    /// The text after the first occurrence of `text`.
    ///
    /// The standard library's `firstRange(of:)` needs the regular expression engine.
    fileprivate func text(behind text: String) -> Substring? {
        // In UTF-8: a substring cannot begin inside of a character, and would not get past it.
        var rest = self.utf8
        while !rest.isEmpty {
            if rest.starts(with: text.utf8) { return Substring(rest.dropFirst(text.utf8.count)) }
            rest = rest.dropFirst()
        }
        return nil
    }
}

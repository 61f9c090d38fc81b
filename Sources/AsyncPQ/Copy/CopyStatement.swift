//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import SQLTokens

/// The text of a COPY.
enum CopyStatement {
    /// A table with its schema, quoted.
    static func table(_ name: String, schema: String?) -> String {
        (schema.map { "\(SQLQuoting.name($0))." } ?? "") + SQLQuoting.name(name)
    }

    /// `COPY … FROM STDIN`; all columns that can be written when `columns` is empty.
    static func fromClient(
        _ table: String, schema: String?, _ columns: [String], _ format: PQCopyFormat
    ) throws(PQError) -> String {
        try Self.check(
            "COPY \(Self.table(table, schema: schema))\(Self.list(columns)) FROM STDIN \(try Self.options(format))")
    }

    /// `COPY … TO STDOUT`; all columns when `columns` is empty.
    static func toClient(
        _ table: String, schema: String?, _ columns: [String], _ format: PQCopyFormat
    ) throws(PQError) -> String {
        try Self.check(
            "COPY \(Self.table(table, schema: schema))\(Self.list(columns)) TO STDOUT \(try Self.options(format))")
    }

    /// `COPY (…) TO STDOUT` for the rows of a statement.
    static func toClient(_ query: PQQuery, _ format: PQCopyFormat) throws(PQError) -> String {
        try Self.checkValues(query)
        // The query can end with a comment.
        return try Self.check("COPY (\(Self.withoutEnd(query.sql))\n) TO STDOUT \(try Self.options(format))")
    }

    /// A statement that the caller wrote.
    static func custom(_ statement: PQQuery, _ direction: CopyDirection) throws(PQError) -> String {
        try Self.checkValues(statement)
        let tokens = SQLTokens(statement.sql)
        let first = tokens.first { ![.whitespace, .lineComment, .blockComment].contains($0.kind) }
        guard let first, first.kind == .word,
            String(decoding: tokens.bytes[first.range], as: UTF8.self).lowercased() == "copy"
        else {
            throw PQError(.unsupported, "the statement is not \(direction.form)", query: statement.sql)
        }
        return try Self.check(statement.sql)
    }

    private static func list(_ columns: [String]) -> String {
        columns.isEmpty ? "" : " (\(columns.map { SQLQuoting.name($0) }.joined(separator: ", ")))"
    }

    private static func options(_ format: PQCopyFormat) throws(PQError) -> String {
        guard format.isValid else { throw PQError(.unsupported, "an option of the COPY contains a NUL character") }
        return "WITH (\(format.options.joined(separator: ", ")))"
    }

    private static func check(_ sql: String) throws(PQError) -> String {
        guard !sql.utf8.contains(0) else { throw PQError(.unsupported, "the COPY contains a NUL character") }
        return sql
    }

    private static func checkValues(_ query: PQQuery) throws(PQError) {
        guard query.bindings.count == 0 else {
            throw PQError(
                .unsupported,
                "COPY takes no bound values: copy from a view or a temporary table, or read the rows with query or stream",
                query: query.sql)
        }
    }

    /// A statement without the semicolon at its end.
    private static func withoutEnd(_ sql: String) -> String {
        let tokens = SQLTokens(sql)
        let last = Array(tokens).last { ![.whitespace, .lineComment, .blockComment].contains($0.kind) }
        guard let last, last.kind == .semicolon else { return sql }
        return String(decoding: tokens.bytes[..<last.range.lowerBound], as: UTF8.self)
    }
}

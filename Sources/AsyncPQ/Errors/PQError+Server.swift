//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The fields of the server's error, if the server sent one.
extension PQError {
    /// ERROR, FATAL or PANIC.
    public var severity: String? { self.server?.severity }
    /// The SQLSTATE.
    public var sqlState: SQLState? { self.server?.sqlState }
    /// The primary message.
    ///
    /// It can quote a value.
    public var serverMessage: String? { self.server?.message }
    /// The DETAIL.
    ///
    /// It can quote values of rows.
    public var detail: String? { self.server?.detail }
    /// The HINT.
    public var hint: String? { self.server?.hint }
    /// The position of the error in ``query``, counted in characters from 1.
    public var position: Int? { self.server?.position }
    /// The schema that the error is about.
    public var schemaName: String? { self.server?.schemaName }
    /// The table that the error is about.
    public var tableName: String? { self.server?.tableName }
    /// The column that the error is about.
    public var columnName: String? { self.server?.columnName }
    /// The data type that the error is about.
    public var dataTypeName: String? { self.server?.dataTypeName }
    /// The constraint that the error is about.
    public var constraintName: String? { self.server?.constraintName }
}

extension PQServerError {
    /// Whether the primary message may quote a value: the errors of class 22, data exceptions.
    var quotesValue: Bool { self.sqlState.rawValue.utf8.starts(with: "22".utf8) }
}

/// Texts of the server for a log.
enum ServerText {
    /// The quotation marks of PostgreSQL's messages in the languages to which they are translated.
    private static let marks: Set<Unicode.Scalar> = [
        "\"", "'", "«", "»", "‹", "›", "„", "“", "”", "‚", "‘", "’", "「", "」", "『", "』", "`",
    ]

    /// The text with everything between the first and the last quotation mark replaced by `…`.
    ///
    /// The value itself can contain such marks.
    static func withoutQuoted(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: self.marks.contains),
            let last = scalars.lastIndex(where: self.marks.contains)
        else { return text }
        guard first < last else { return String(scalars[..<first]) + "…" }
        return String(scalars[...first]) + "…" + String(scalars[last...])
    }
}

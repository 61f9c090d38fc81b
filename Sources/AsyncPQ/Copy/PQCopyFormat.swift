//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import SQLTokens

/// The format of a COPY's bytes.
///
/// The meanings are PostgreSQL's ("File Formats" of the command COPY). Text is UTF-8.
public struct PQCopyFormat: Sendable, Hashable {
    /// The options as SQL.
    let options: [String]
    /// Whether an option has a NUL, which no text of PostgreSQL has.
    let isValid: Bool

    private init(_ options: [(name: String, value: String?)], format: String) {
        let texts = options.compactMap { option in option.value.map { (option.name, SQLQuoting.literal($0)) } }
        self.isValid = texts.allSatisfy { $0.1 != nil }
        self.options = ["FORMAT \(format)"] + texts.map { "\($0.0) \($0.1 ?? "''")" }
    }

    /// One row a line, columns separated by tabs, NULL as `\N`.
    public static let text = PQCopyFormat.text()
    /// Comma-separated values without a line of column names; NULL is an empty value without quotes.
    public static let csv = PQCopyFormat.csv()
    /// PostgreSQL's binary format.
    ///
    /// The server trusts such bytes to have the types of the columns; `row` and `copyOut(_:as:)` check them.
    public static let binary = PQCopyFormat([], format: "binary")

    /// One row a line.
    ///
    /// - Parameter delimiter: Separates columns; a tab when nil.
    /// - Parameter null: Stands for NULL; `\N` when nil.
    public static func text(delimiter: String? = nil, null: String? = nil) -> PQCopyFormat {
        PQCopyFormat([("DELIMITER", delimiter), ("NULL", null), ("ENCODING", "UTF8")], format: "text")
    }

    /// Comma-separated values.
    ///
    /// - Parameter header: Whether the first line has the names of the columns; it is skipped when it is read.
    /// - Parameter delimiter: Separates columns; a comma when nil.
    /// - Parameter null: Stands for NULL, without quotes; an empty value when nil.
    /// - Parameter quote: Encloses values; a double quote when nil.
    /// - Parameter escape: Precedes a quote in a value; the quote itself when nil.
    public static func csv(
        header: Bool = false, delimiter: String? = nil, null: String? = nil, quote: String? = nil, escape: String? = nil
    ) -> PQCopyFormat {
        PQCopyFormat(
            [
                ("HEADER", header ? "true" : nil), ("DELIMITER", delimiter), ("NULL", null), ("QUOTE", quote),
                ("ESCAPE", escape), ("ENCODING", "UTF8"),
            ], format: "csv")
    }
}

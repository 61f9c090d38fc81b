//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The error with which a login is refused.
///
/// The client gets it as an ErrorResponse of the PostgreSQL protocol. Never put a password or token into it.
public struct LoginRejection: Error, Sendable, Hashable {
    /// The severity; `FATAL` says that the connection ends.
    public var severity: String

    /// The five characters of the SQLSTATE.
    public var sqlState: String

    /// The primary message, one line.
    public var message: String

    /// The DETAIL field.
    public var detail: String?

    /// The HINT field.
    public var hint: String?

    /// Makes a rejection.
    public init(
        severity: String = "FATAL",
        sqlState: String,
        message: String,
        detail: String? = nil,
        hint: String? = nil
    ) {
        self.severity = severity
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.hint = hint
    }
}

extension LoginRejection: CustomStringConvertible {
    /// The rejection as psql prints it, with its SQLSTATE.
    public var description: String {
        var text = "\(self.severity): \(self.message) (SQLSTATE \(self.sqlState))"
        if let detail { text += " DETAIL: \(detail)" }
        if let hint { text += " HINT: \(hint)" }
        return text
    }
}

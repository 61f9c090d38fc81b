//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LoginRejection {
    static func protocolViolation(_ message: String) -> LoginRejection {
        LoginRejection(sqlState: "08P01", message: message)
    }

    static let tlsRequired = LoginRejection(
        sqlState: "28000",
        message: "this server accepts connections with TLS only: use sslmode=require or stricter"
    )

    static let pipelinedBeforeTLS = LoginRejection.protocolViolation(
        "received unencrypted data after SSL request: this could be an attack on the connection"
    )

    static let directTLSWithoutALPN = LoginRejection.protocolViolation(
        "a direct TLS connection must negotiate the ALPN protocol \"postgresql\""
    )

    static let emptyPassword = LoginRejection(sqlState: "28P01", message: "empty password returned by client")

    static let loginTimeout = LoginRejection(
        sqlState: "08P01",
        message: "the login took too long: startup packet, TLS and password must arrive sooner"
    )

    static let tooManyConnections = LoginRejection(
        sqlState: "53300",
        message: "sorry, too many clients already",
        hint: "Close connections that are not needed, or use a connection pool with a lower maximum."
    )

    static let tooManyLogins = LoginRejection(
        sqlState: "53300",
        message: "too many clients are logging in at once, and this one has taken longest",
        hint: "Try again in a moment."
    )

    static let administratorCommand = LoginRejection(
        sqlState: "57P01",
        message: "terminating connection due to administrator command"
    )

    static let shuttingDown = LoginRejection(sqlState: "57P03", message: "the database system is shutting down")

    static let policyTimeout = LoginRejection(
        sqlState: "57P03",
        message: "the database did not become available in time",
        hint: "Try again in a moment."
    )
}

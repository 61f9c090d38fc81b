//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import NIOSSL
public import Secrets

/// Where an accepted login goes, and as whom.
public struct GatewayUpstream: Sendable {
    /// A PostgreSQL server's address.
    public enum Target: Sendable {
        /// The server's socket file itself, for example `/run/dir/.s.PGSQL.5432`.
        case unixSocket(path: String)

        /// A TCP server, with TLS unless `tls` is `nil`; `serverName` is what the certificate must name, `host` if `nil`.
        case tcp(host: String, port: Int, tls: TLSConfiguration?, serverName: String? = nil)
    }

    /// The server.
    public var target: Target

    /// The role to log in as there.
    public var user: String

    /// The database to open there.
    public var database: String

    /// The other startup parameters, usually the client's own.
    public var parameters: [GatewayParameter]

    /// What to answer when the server asks for a clear-text password; sent over TLS or a Unix socket only.
    public var password: Secret?

    /// Who hears of the session's life.
    public var session: any GatewaySession

    /// Judges the text of each simple query before the server gets it; a refusal ends the session.
    ///
    /// For sessions whose commands are not all allowed. `nil` relays bytes without a look at them.
    public var judge: (@Sendable (_ query: ArraySlice<UInt8>) -> LoginRejection?)?

    /// Describes an upstream.
    public init(
        target: Target,
        user: String,
        database: String,
        parameters: [GatewayParameter] = [],
        password: Secret? = nil,
        session: any GatewaySession,
        judge: (@Sendable (_ query: ArraySlice<UInt8>) -> LoginRejection?)? = nil
    ) {
        self.target = target
        self.user = user
        self.database = database
        self.parameters = parameters
        self.password = password
        self.session = session
        self.judge = judge
    }
}

extension GatewayUpstream.Target: CustomStringConvertible {
    /// The address in one word, for messages.
    public var description: String {
        switch self {
        case .unixSocket(let path): path
        case .tcp(let host, let port, _, _): GatewayAddress(host: host, port: port).description
        }
    }
}

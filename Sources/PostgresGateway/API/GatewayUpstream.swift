//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import NIOSSL
public import Secrets

/// The server that an accepted login is relayed to, and the role and database there.
public struct GatewayUpstream: Sendable {
    /// A PostgreSQL server's address.
    public enum Target: Sendable {
        /// The server's socket file itself, for example `/run/dir/.s.PGSQL.5432`.
        case unixSocket(path: String)

        /// A TCP server, with TLS unless `tls` is `nil`; the certificate must name `serverName`, or `host` if that is
        /// `nil`.
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

    /// The password for a server that asks for one in clear text; sent over TLS or a Unix socket only.
    public var password: Secret?

    /// The session's observer.
    public var session: any GatewaySession

    /// Checks the text of each simple query before the server gets it; a rejection ends the session.
    ///
    /// For sessions in which some commands are not allowed. With `nil` bytes are relayed without parsing.
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
    /// The address, for messages.
    public var description: String {
        switch self {
        case .unixSocket(let path): path
        case .tcp(let host, let port, _, _): GatewayAddress(host: host, port: port).description
        }
    }
}

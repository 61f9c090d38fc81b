//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

/// Decides which logins are accepted, and which server each is relayed to.
///
/// One policy serves all listeners of a gateway, and many logins at once.
public protocol GatewayPolicy: Sendable {
    /// Decides about a login whose password has arrived.
    ///
    /// Called once per login. The task is cancelled when the client disconnects, when
    /// ``GatewayConfiguration/policyTimeout`` has passed, and when the gateway stops.
    ///
    /// - Returns: The server to connect to. Its ``GatewayUpstream/session`` gets ``GatewaySession/closed()`` exactly
    ///   once, whatever happens.
    /// - Throws: The error that the client gets.
    func authenticate(_ login: GatewayLogin) async throws(LoginRejection) -> GatewayUpstream
}

/// A client's startup parameters, its password and its connection.
public struct GatewayLogin: Sendable {
    /// The role that the client wants; compare it as bytes, as PostgreSQL does, and not as `String` compares.
    public var user: String

    /// The database it asked for; the user's name if it named none.
    public var database: String

    /// The other startup parameters in the order they came, protocol options (`_pq_.`) left out.
    public var parameters: [GatewayParameter]

    /// The password, never empty.
    public var password: Secret

    /// The name the client asked for in its TLS hello, if any.
    public var serverName: String?

    /// The address the client connected to; it identifies the listener.
    public var localAddress: GatewayAddress

    /// The address the client came from.
    public var remoteAddress: GatewayAddress

    /// Whether the password came through TLS.
    public var isTLS: Bool

    /// Describes a login.
    public init(
        user: String,
        database: String,
        parameters: [GatewayParameter] = [],
        password: Secret,
        serverName: String? = nil,
        localAddress: GatewayAddress,
        remoteAddress: GatewayAddress,
        isTLS: Bool
    ) {
        self.user = user
        self.database = database
        self.parameters = parameters
        self.password = password
        self.serverName = serverName
        self.localAddress = localAddress
        self.remoteAddress = remoteAddress
        self.isTLS = isTLS
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import NIOSSL

/// The addresses, TLS settings and limits of a gateway.
///
/// The limits bound the memory and time that a broken or hostile peer can cost.
public struct GatewayConfiguration: Sendable {
    /// The addresses ``PostgresGateway/run()`` binds, in order; more can be added while it runs.
    public var addresses: [GatewayAddress]

    /// The server's certificate and key, or `nil` for a gateway that refuses every request for TLS.
    ///
    /// The gateway raises the minimum version to TLS 1.2 and offers the ALPN protocol `postgresql` in any case.
    public var tls: TLSConfiguration?

    /// Whether a login without TLS is refused with SQLSTATE 28000.
    ///
    /// Passwords are sent in clear text, so turn this off only for a port that no other machine can reach.
    public var requireTLS: Bool

    /// How long a client may take from connecting until its password is complete.
    public var loginTimeout: Duration

    /// How long the policy may take to decide about one login, including the start of a compute.
    public var policyTimeout: Duration

    /// How long connecting to the upstream may take, up to its first ReadyForQuery.
    public var upstreamTimeout: Duration

    /// The longest startup packet in bytes; PostgreSQL itself stops at 10 000.
    public var maximumStartupLength: Int

    /// The longest password in bytes, its terminator not counted.
    public var maximumPasswordLength: Int

    /// The maximum number of client connections, or `nil` for no limit.
    ///
    /// More are refused with SQLSTATE 53300. Some more are accepted so that cancel requests still arrive.
    public var maximumConnections: Int?

    /// The maximum number of clients that have connected and not yet sent their password.
    ///
    /// When another one connects, the client that has waited longest is refused with SQLSTATE 53300. It is never more
    /// than half of the files that the process may have open, see ``OpenFileLimit``.
    public var maximumPendingLogins: Int

    /// The maximum number of cancel requests that are delivered to upstreams at the same time; more wait.
    ///
    /// At most two wait for each session, and none longer than ``loginTimeout``.
    public var maximumConcurrentCancels: Int

    /// How many bytes are buffered for a slow reader, per direction, before the other side is no longer read.
    public var relayBufferLimit: Int

    /// How long a connection may take to end after it was told to.
    ///
    /// It also limits how long the whole gateway takes to stop.
    public var shutdownGrace: Duration

    /// Describes a gateway with one listener.
    ///
    /// - Parameters:
    ///   - host: A numeric address or a name.
    ///   - port: 0 for any free one.
    ///   - tls: The server's certificate and key.
    ///   - requireTLS: Whether logins without TLS are refused.
    public init(host: String = "127.0.0.1", port: Int = 5432, tls: TLSConfiguration?, requireTLS: Bool = true) {
        self.init(addresses: [GatewayAddress(host: host, port: port)], tls: tls, requireTLS: requireTLS)
    }

    /// Describes a gateway with any number of listeners, none included.
    ///
    /// - Parameters:
    ///   - addresses: Where to listen from the start.
    ///   - tls: The server's certificate and key.
    ///   - requireTLS: Whether logins without TLS are refused.
    public init(addresses: [GatewayAddress], tls: TLSConfiguration?, requireTLS: Bool = true) {
        self.addresses = addresses
        self.tls = tls
        self.requireTLS = requireTLS
        self.loginTimeout = .seconds(10)
        self.policyTimeout = .seconds(60)
        self.upstreamTimeout = .seconds(30)
        self.maximumStartupLength = 10_000
        self.maximumPasswordLength = 65_536
        self.maximumConnections = nil
        self.maximumPendingLogins = 2000
        self.maximumConcurrentCancels = 64
        self.relayBufferLimit = 128 * 1024
        self.shutdownGrace = .seconds(5)
    }
}

extension GatewayConfiguration {
    /// The configuration with durations of at most ten years, with which no clock overflows.
    var withinBounds: GatewayConfiguration {
        func bounded(_ duration: Duration) -> Duration { min(max(duration, .zero), .seconds(10 * 366 * 86_400)) }
        var configuration = self
        configuration.loginTimeout = bounded(self.loginTimeout)
        configuration.policyTimeout = bounded(self.policyTimeout)
        configuration.upstreamTimeout = bounded(self.upstreamTimeout)
        configuration.shutdownGrace = bounded(self.shutdownGrace)
        return configuration
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import NIOSSL

/// Everything a gateway needs to know besides its policy.
///
/// All limits are there so that a peer that is broken or hostile costs a bounded amount of memory and time.
public struct GatewayConfiguration: Sendable {
    /// The addresses ``PostgresGateway/run()`` binds, in order; more can be added while it runs.
    public var addresses: [GatewayAddress]

    /// The server's certificate and key, or `nil` for a gateway that answers every request for TLS with "no".
    ///
    /// The gateway raises the minimum version to TLS 1.2 and offers the ALPN protocol `postgresql` by itself.
    public var tls: TLSConfiguration?

    /// Whether a login without TLS is refused with SQLSTATE 28000.
    ///
    /// Passwords cross the wire in clear text, so turn this off only for a port that nobody else can reach.
    public var requireTLS: Bool

    /// How long a client may take from connecting until its password is complete.
    public var loginTimeout: Duration

    /// How long the policy may think about one login; starting a compute is part of it.
    public var policyTimeout: Duration

    /// How long connecting to the upstream may take, up to its first ReadyForQuery.
    public var upstreamTimeout: Duration

    /// The longest startup packet in bytes; PostgreSQL itself stops at 10 000.
    public var maximumStartupLength: Int

    /// The longest password in bytes, its terminator not counted.
    public var maximumPasswordLength: Int

    /// How many client connections there may be at once, or `nil` for no limit.
    ///
    /// More are refused with SQLSTATE 53300. Cancel requests still get through a small lane of their own.
    public var maximumConnections: Int?

    /// How many clients may be between connecting and the end of their password at once.
    ///
    /// For one more, the one that has taken longest is sent away with SQLSTATE 53300. It is never more than half of the
    /// files that the process may have open, see ``OpenFileLimit``.
    public var maximumPendingLogins: Int

    /// How many cancel requests may be on their way to upstreams at once; more wait for their turn.
    ///
    /// At most two wait for each session, and none longer than ``loginTimeout``.
    public var maximumConcurrentCancels: Int

    /// How many bytes may wait for a slow reader before the other side is no longer read, per direction.
    public var relayBufferLimit: Int

    /// How long a connection that was told to go may take to go by itself.
    ///
    /// It bounds the stop of the whole gateway, too.
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
    /// The configuration with durations that clocks can add to their time: more than ten years are as good as for ever.
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

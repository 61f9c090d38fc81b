//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Logging
public import NIOCore
public import NIOPosix

/// The server side of a Postgres login, then a byte relay.
///
/// A gateway asks each client for a clear-text password (inside TLS), lets its ``GatewayPolicy`` decide, connects to the
/// upstream the policy names, and from the first ReadyForQuery on hands bytes over without looking at them.
public final class PostgresGateway: Sendable {
    private let configuration: GatewayConfiguration

    /// Makes a gateway that does nothing until ``run()``.
    public init(
        configuration: GatewayConfiguration,
        policy: any GatewayPolicy,
        logger: Logger,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.configuration = configuration
    }

    /// Binds, serves until the task is cancelled, then stops within a bounded time and returns.
    public func run() async throws(GatewayError) {
        throw GatewayError(.notRunning, message: "not implemented")
    }

    /// The address of the first listener, once it is bound.
    public func boundAddress() async throws(GatewayError) -> GatewayAddress {
        throw GatewayError(.notRunning, message: "not implemented")
    }

    /// Listens on one more address.
    public func addListener(host: String, port: Int) async throws(GatewayError) -> GatewayAddress {
        throw GatewayError(.notRunning, message: "not implemented")
    }

    /// Stops listening on an address; sessions that came through it go on.
    public func removeListener(_ address: GatewayAddress) async {}

    /// All sessions there are, those that are still logging in at the upstream included.
    public var sessions: [GatewaySessionInfo] { [] }

    /// Ends sessions and returns how many there were, without waiting for their end.
    @discardableResult
    public func terminateSessions(where predicate: (GatewaySessionInfo) -> Bool) -> Int { 0 }
}

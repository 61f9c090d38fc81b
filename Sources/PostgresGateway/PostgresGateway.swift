//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Logging
import NIOConcurrencyHelpers
public import NIOCore
public import NIOPosix
import NIOSSL

/// Answers PostgreSQL logins and relays each session to the server that a policy chooses.
///
/// A gateway asks each client for a clear-text password (inside TLS), asks its ``GatewayPolicy`` for a decision and connects
/// to the upstream that the policy names. From the first ReadyForQuery on it relays bytes without parsing them. Clients get
/// cancel keys of the gateway's own; it translates a CancelRequest and sends it to the upstream.
///
/// ```swift
/// let gateway = PostgresGateway(configuration: configuration, policy: policy, logger: logger)
/// try await gateway.run()
/// ```
public final class PostgresGateway: Sendable {
    private struct State {
        var didRun = false
        var bound: Result<GatewayAddress, GatewayError>?
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Result<GatewayAddress, GatewayError>, Never>] = [:]
    }

    private let configuration: GatewayConfiguration
    private let policy: any GatewayPolicy
    private let logger: Logger
    private let core: GatewayCore
    private let listeners: Listeners
    private let tlsError: GatewayError?
    private let state = NIOLockedValueBox(State())

    /// Creates a gateway, which accepts connections once ``run()`` or ``addListener(host:port:)`` is called.
    ///
    /// - Parameters:
    ///   - configuration: Addresses, TLS and limits. TLS settings that cannot be used are reported by ``run()``.
    ///   - policy: Decides about every login.
    ///   - logger: Gets the begin and end of each connection at debug and the steps between at trace. It never gets a
    ///     password, and of the startup parameters only user and database.
    ///   - eventLoopGroup: The event loops that serve the connections. Both sides of a session share a loop.
    public init(
        configuration: GatewayConfiguration,
        policy: any GatewayPolicy,
        logger: Logger,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        let configuration = configuration.withinBounds
        self.configuration = configuration
        self.policy = policy
        self.logger = logger
        var tls: NIOSSLContext?
        var tlsError: GatewayError?
        do {
            tls = try configuration.tls.map { try NIOSSLContext(configuration: $0.forPostgres()) }
        } catch {
            tlsError = GatewayError(
                .invalidTLS,
                message: "the certificate, key or another TLS setting of the gateway cannot be used: \(error)",
                underlying: error
            )
        }
        self.tlsError = tlsError
        self.core = GatewayCore(configuration: configuration, tls: tls, logger: logger)
        self.listeners = Listeners(core: self.core, group: eventLoopGroup)
    }

    /// Binds ``GatewayConfiguration/addresses``, serves until the task is cancelled, then stops and returns.
    ///
    /// Stopping closes the listeners, refuses logins in progress, and ends open sessions as ``terminateSessions(where:)`` does.
    /// It takes ``GatewayConfiguration/shutdownGrace`` and about a second more at most, provided that the policy returns
    /// when its task is cancelled. A gateway runs once.
    ///
    /// - Throws: If an address cannot be bound or TLS cannot be set up.
    public func run() async throws(GatewayError) {
        let isFirst = self.state.withLockedValue { state in
            defer { state.didRun = true }
            return !state.didRun
        }
        guard isFirst else { throw GatewayError(.alreadyRunning, message: "a gateway runs once; create another one") }
        // The first timer of a process opens a file, and the runtime traps if it cannot. At this point files are available.
        try? await Task.sleep(for: .milliseconds(1))
        do throws(GatewayError) {
            try await self.bind()
        } catch {
            await self.shutDown(error)
            throw error
        }
        await withDiscardingTaskGroup { group in
            for await job in self.core.jobs {
                group.addTask { await job.run(policy: self.policy, contexts: self.core.contexts) }
            }
            await self.listeners.removeAll()
        }
        await self.shutDown(GatewayError(.notRunning, message: "the gateway has stopped"))
    }

    /// The address of the first listener in the configuration, once it is bound.
    ///
    /// - Throws: The error ``run()`` throws, or ``GatewayError/Code/notRunning`` when it is over, when the configuration has
    ///   no address, or when the waiting task is cancelled.
    public func boundAddress() async throws(GatewayError) -> GatewayAddress {
        let ticket = self.state.withLockedValue { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = self.state.withLockedValue { state -> Result<GatewayAddress, GatewayError>? in
                    if let bound = state.bound { return bound }
                    guard !Task.isCancelled else { return .failure(.waitCancelled) }
                    state.waiters[ticket] = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            self.state.withLockedValue { $0.waiters.removeValue(forKey: ticket) }?
                .resume(returning: .failure(.waitCancelled))
        }
        return try result.get()
    }

    /// Listens on one more address; logins through it are answered while ``run()`` runs.
    ///
    /// - Returns: The address with the port the system chose, which is also what
    ///   ``GatewayLogin/localAddress`` says and ``removeListener(_:)`` takes.
    public func addListener(host: String, port: Int) async throws(GatewayError) -> GatewayAddress {
        if let tlsError { throw tlsError }
        let address = try await self.listeners.add(GatewayAddress(host: host, port: port))
        self.logger.debug("listening", metadata: ["gateway.local": "\(address)"])
        return address
    }

    /// Stops listening on an address; sessions that came through it continue.
    public func removeListener(_ address: GatewayAddress) async {
        await self.listeners.remove(address)
    }

    /// The current sessions, including those that are still logging in at their upstream.
    public var sessions: [GatewaySessionInfo] { self.core.sessions }

    /// Begins to end the sessions that match, and returns how many match.
    ///
    /// The gateway relays bytes without parsing them, so it cannot insert an error between two messages. It cancels the
    /// statement at the upstream and closes the upstream's input; a PostgreSQL server then completes its answer and closes
    /// the connection, and the client gets SQLSTATE 57P01. A session that has not ended after
    /// ``GatewayConfiguration/shutdownGrace`` is closed on both sides without an error message.
    @discardableResult
    public func terminateSessions(where predicate: (GatewaySessionInfo) -> Bool) -> Int {
        self.core.terminate(where: predicate)
    }

    private func bind() async throws(GatewayError) {
        if let tlsError { throw tlsError }
        var first: GatewayAddress?
        for address in self.configuration.addresses {
            let bound = try await self.addListener(host: address.host, port: address.port)
            first = first ?? bound
        }
        if let first {
            self.settle(.success(first))
        } else {
            self.settle(.failure(GatewayError(.notRunning, message: "the gateway was configured without an address")))
        }
    }

    private func shutDown(_ error: GatewayError) async {
        await self.listeners.removeAll()
        await self.core.stop()
        self.settle(.failure(error))
    }

    private func settle(_ result: Result<GatewayAddress, GatewayError>) {
        let waiters = self.state.withLockedValue { state in
            state.bound = result
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: result) }
    }
}

extension GatewayError {
    fileprivate static let waitCancelled = GatewayError(
        .notRunning,
        message: "the wait for the gateway's address was cancelled"
    )
}

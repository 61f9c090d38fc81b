//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Logging
import NIOConcurrencyHelpers
public import NIOCore
public import NIOPosix
import NIOSSL

/// The server side of a Postgres login, then a byte relay.
///
/// A gateway asks each client for a clear-text password (inside TLS), lets its ``GatewayPolicy`` decide, connects to the
/// upstream the policy names, and from the first ReadyForQuery on hands bytes over without looking at them. Cancel keys are
/// the gateway's own; a CancelRequest is translated and passed on.
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

    /// Makes a gateway that accepts nobody before ``run()`` or ``addListener(host:port:)``.
    ///
    /// - Parameters:
    ///   - configuration: Addresses, TLS and limits. TLS settings that cannot be used are reported by ``run()``.
    ///   - policy: Decides on every login.
    ///   - logger: Gets a line at debug for the begin and end of each connection and the steps between at trace; never a
    ///     password, and of the startup parameters user and database only.
    ///   - eventLoopGroup: Where the work is done. Both sides of a session share a loop.
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
    /// Stopping closes the listeners, refuses logins under way, and ends open sessions as ``terminateSessions(where:)`` does.
    /// It takes ``GatewayConfiguration/shutdownGrace`` and about a second more at most, provided that the policy returns
    /// when its task is cancelled. A gateway runs once.
    ///
    /// - Throws: If an address cannot be bound or TLS cannot be set up.
    public func run() async throws(GatewayError) {
        let isFirst = self.state.withLockedValue { state in
            defer { state.didRun = true }
            return !state.didRun
        }
        guard isFirst else { throw GatewayError(.alreadyRunning, message: "a gateway runs once; make another one") }
        // The first timer of a process opens a file of the system's, without which the runtime traps. Now there is one.
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

    /// Stops listening on an address; sessions that came through it go on.
    public func removeListener(_ address: GatewayAddress) async {
        await self.listeners.remove(address)
    }

    /// The sessions there are, those that are still logging in at their upstream included.
    public var sessions: [GatewaySessionInfo] { self.core.sessions }

    /// Ends sessions and returns how many there were, without waiting for their end.
    ///
    /// The gateway does not know where in the upstream's bytes one message ends and the next begins, so it cannot write an
    /// error at any moment. It cancels the statement at the upstream and ends the upstream's input; a PostgreSQL server
    /// then completes its answer and hangs up, and the client gets SQLSTATE 57P01. A session that is not over after
    /// ``GatewayConfiguration/shutdownGrace`` is closed on both sides without a word.
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

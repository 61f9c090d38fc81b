//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ
public import Logging
public import Secrets
public import ServiceLifecycle
import Synchronization

/// A PostgreSQL client that keeps a pool of connections.
///
/// ```swift
/// let client = try PQClient(connectionString: url, logger: logger)
///
/// // As a service, beside the others of the application:
/// let group = ServiceGroup(services: [client, server], logger: logger)
///
/// let notes = try await client.query("SELECT id, title FROM notes WHERE author = \(author)")
/// for (id, title) in try notes.decode((Int, String).self) { … }
/// ```
///
/// Nothing is connected before the first query, unless the pool has a minimum. ``run()`` has to be running for anything
/// to connect. While the server starts, is full or cannot be reached, connecting is tried again for
/// ``PQPoolConfiguration/wakeTimeout``.
public final class PQClient: Service {
    /// Changes the configuration of a connection before it is opened.
    public typealias ConnectHook = @Sendable (inout PQConnection.Configuration) async throws -> Void

    /// The server, database and role, as given to the initializer.
    public let configuration: PQConnection.Configuration
    /// The limits of the pool.
    public var poolConfiguration: PQPoolConfiguration { self.pool.configuration }

    /// The loops that drive the connections.
    public let eventLoops: PQEventLoopGroup

    let logger: Logger
    let pool: ConnectionPool
    private let isRunning = Atomic<Bool>(false)

    /// Creates a client.
    ///
    /// It connects when it is first used.
    ///
    /// - Parameters:
    ///   - configuration: The server, database and role.
    ///   - pool: The limits of the pool. An attempt to connect ends after the shorter of its `connectTimeout` and that
    ///     of `configuration`.
    ///   - eventLoops: The loops that drive the connections.
    ///   - delegate: Receives the events of the pool.
    ///   - logger: Gets warnings, and events at debug.
    ///   - beforeConnect: Called before each attempt to connect with a copy of `configuration`, which it may change: to
    ///     set a password that expires, for one, or to choose the host. If the server refuses the login, it is called
    ///     once more, and if it then returns another host, role or password, that login is tried. An error that it throws
    ///     is passed on to the callers that wait for the connection.
    /// - Throws: `PQError` with code `invalidConfiguration`, which names every invalid limit of the pool.
    public init(
        configuration: PQConnection.Configuration,
        pool: PQPoolConfiguration = PQPoolConfiguration(),
        eventLoops: PQEventLoopGroup = .shared,
        delegate: (any PQPoolDelegate)? = nil,
        logger: Logger,
        beforeConnect: ConnectHook? = nil
    ) throws(PQError) {
        try pool.validate()
        if beforeConnect == nil { try configuration.validate() }
        var limits = pool
        limits.connectTimeout = min(limits.connectTimeout, configuration.connectTimeout)
        let opener = ClientOpener(
            configuration: configuration, pool: limits, hook: beforeConnect, eventLoops: eventLoops, logger: logger)
        self.configuration = configuration
        self.logger = logger
        self.eventLoops = eventLoops
        self.pool = ConnectionPool(
            configuration: limits, delegate: delegate, logger: logger, eventLoops: eventLoops,
            lastConnectError: { opener.lastError },
            open: { try await opener.open() })
    }

    /// Creates a client from a connection string: a `postgresql://` URL or `keyword=value` pairs.
    ///
    /// As ``init(configuration:pool:eventLoops:delegate:logger:beforeConnect:)``.
    ///
    /// - Throws: `PQError` with code `invalidConfiguration`, which never quotes the text.
    public convenience init(
        connectionString: Secret,
        pool: PQPoolConfiguration = PQPoolConfiguration(),
        eventLoops: PQEventLoopGroup = .shared,
        delegate: (any PQPoolDelegate)? = nil,
        logger: Logger,
        beforeConnect: ConnectHook? = nil
    ) throws(PQError) {
        try self.init(
            configuration: PQConnection.Configuration(connectionString: connectionString), pool: pool,
            eventLoops: eventLoops, delegate: delegate, logger: logger, beforeConnect: beforeConnect)
    }

    /// Runs the client until the task is cancelled or a graceful shutdown has drained its connections.
    ///
    /// A graceful shutdown leases no more connections, waits for the leased ones up to
    /// ``PQPoolConfiguration/drainTimeout``, and closes everything. Call it once.
    public func run() async {
        guard !self.isRunning.exchange(true, ordering: .relaxed) else {
            self.logger.error("PQClient.run() was called twice; the second call does nothing")
            return
        }
        await self.pool.runAsService()
    }
}

extension PQPoolConfiguration {
    /// Throws one error that names every invalid value.
    func validate() throws(PQError) {
        let problems = self.problems
        guard problems.isEmpty else {
            let texts = problems.map { "\($0.setting) \($0.message): \($0.remedy)" }
            throw PQError(.invalidConfiguration, "the pool's \(texts.joined(separator: "; "))")
        }
    }
}

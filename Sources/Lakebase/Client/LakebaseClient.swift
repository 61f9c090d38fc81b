//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ
import AsyncPQPool
public import Databricks
public import Logging
public import ServiceLifecycle
import Synchronization

/// A Postgres client that mints and rotates its database credential, keeps a pool of connections, and waits while a
/// suspended compute wakes up.
///
/// ```swift
/// let lakebase = try LakebaseClient(configuration: .fromEnvironment(), logger: logger)
///
/// // As a service, beside the others of the application:
/// let group = ServiceGroup(services: [lakebase, server], logger: logger)
///
/// let notes = try await lakebase.query("SELECT id, title FROM notes WHERE author = \(author)")
/// for (id, title) in try notes.decode((Int, String).self) { … }
/// ```
///
/// Nothing is connected before the first query. ``run()`` has to be running for anything to connect.
public final class LakebaseClient: Service {
    /// What the client was made from.
    public let configuration: LakebaseConfiguration
    /// The loops that drive the connections.
    public let eventLoops: PQEventLoopGroup

    let logger: Logger
    let pool: ConnectionPool
    let opener: ConnectionOpener
    let endpointWatch: EndpointWatch?
    private let isRunning = Atomic<Bool>(false)

    /// Creates a client.
    ///
    /// It connects when it is first used. It reports to the metrics and tracing systems that are bootstrapped by now:
    /// bootstrap them before.
    ///
    /// - Parameter configuration: Where the database is.
    /// - Parameter workspace: The client that mints credentials; made from the configuration when nil.
    /// - Parameter eventLoops: The loops that drive the connections.
    /// - Parameter logger: Gets remarks at info, events at debug.
    /// - Throws: ``LakebaseConfigurationError`` with every problem of the configuration.
    public init(
        configuration: LakebaseConfiguration,
        workspace: WorkspaceClient? = nil,
        eventLoops: PQEventLoopGroup = .shared,
        logger: Logger
    ) throws(LakebaseConfigurationError) {
        let opener = try ConnectionOpener(
            configuration: configuration, workspace: workspace, loops: eventLoops, logger: logger)
        self.configuration = configuration
        self.eventLoops = eventLoops
        self.logger = logger
        self.opener = opener
        self.endpointWatch = opener.target.flatMap { target in
            opener.workspace.map { EndpointWatch(workspace: $0, target: target) }
        }
        self.pool = ConnectionPool(
            configuration: configuration.pool, delegate: opener.telemetry.pool, logger: logger,
            eventLoops: eventLoops,
            lastConnectError: { opener.history.failures?.error }, explain: { LakebaseError.of($0) },
            open: { try await opener.open() })
    }

    /// Runs the client until the task is cancelled or a graceful shutdown has drained its connections.
    ///
    /// A graceful shutdown leases no more connections, waits for the leased ones up to the pool's drain timeout, and closes
    /// everything. Call it once.
    public func run() async {
        guard !self.isRunning.exchange(true, ordering: .relaxed) else {
            self.logger.error("LakebaseClient.run() was called twice; the second call does nothing")
            return
        }
        for note in self.configuration.notes { self.logger.info("\(note)") }
        await withTaskGroup(of: Void.self) { group in
            if let credentials = self.opener.credentials { group.addTask { await credentials.run() } }
            await self.pool.runAsService()
            group.cancelAll()
        }
        self.opener.credentials?.shutDown()
    }

    /// Runs a query on a connection of the pool and returns all its rows.
    ///
    /// - Parameter query: The query with its bound values.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Throws: `PQError` from the server; ``LakebaseError`` when it could not connect;
    ///   `CancellationError` when the task was cancelled and the query was not sent, or the server stopped it.
    ///   The answer of a SELECT that shares a connection (`PQPoolConfiguration.multiplexing`) is dropped instead.
    @discardableResult
    public nonisolated(nonsending) func query(
        _ query: PQQuery, fileID: StaticString = #fileID, line: UInt = #line
    ) async throws -> PQRows {
        try await self.pool.query(query, from: CallSite(fileID: fileID, line: line))
    }

    /// Leases a connection to `body`.
    ///
    /// Non-isolated code in `body` runs on the connection's event loop, so its queries switch no threads. It must not
    /// block. When it returns the connection refuses further queries, a transaction left open is rolled back, and a
    /// session that was changed is reset (`PQPoolConfiguration.sessionReset`).
    ///
    /// - Parameter deadline: Until when to wait for a connection, instead of the pool's `acquireTimeout`. Nothing is
    ///   leased to a caller whose deadline has passed. It does not bound `body`.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Parameter body: Gets the connection.
    /// - Throws: What `body` throws; ``LakebaseError`` when it could not connect.
    public nonisolated(nonsending) func withConnection<Value>(
        deadline: ContinuousClock.Instant? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        try await self.pool.withConnection(
            deadline: deadline, from: CallSite(fileID: fileID, line: line), body)
    }

    /// Runs `body` in a transaction on a connection of the pool: committed when it returns, rolled back when it throws.
    ///
    /// - Parameter isolation: The level; the database's default when nil.
    /// - Parameter readOnly: Whether the server refuses changes.
    /// - Parameter deferrable: Whether to wait for a snapshot with which the transaction cannot fail for conflicts with
    ///   others. It has an effect only on a read-only transaction with isolation `serializable`.
    /// - Parameter settings: Settings that hold for this transaction only, such as `["app.user": name]` for row-level
    ///   security, and are gone before the connection is leased again.
    /// - Parameter retries: How often the transaction may be run again, after a short pause where it conflicted. More than 0
    ///   declares that `body` may be repeated as a whole: after a serialization failure, a deadlock, a connection that was
    ///   lost before the commit, or a prepared statement that no longer fits the schema, whatever `body` made of the error.
    ///   A connection lost during the commit ends it, since the commit may have happened.
    /// - Parameter deadline: When the transaction has to be committed, the wait for a connection and all attempts included.
    ///   Nothing is sent after it, and a statement that runs then is stopped on the server.
    /// - Parameter fileID: Where it is called, for the report of leases that last too long.
    /// - Parameter line: Where it is called.
    /// - Parameter body: Gets the connection, as in ``withConnection(deadline:fileID:line:_:)``.
    /// - Throws: As `withTransaction` of `PQConnection`; ``LakebaseError`` when it could not connect.
    public nonisolated(nonsending) func withTransaction<Value>(
        isolation: PQConnection.IsolationLevel? = nil,
        readOnly: Bool = false,
        deferrable: Bool = false,
        settings: [String: String] = [:],
        retrying retries: Int = 0,
        deadline: ContinuousClock.Instant? = nil,
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        try await self.pool.withTransaction(
            isolation: isolation, readOnly: readOnly, deferrable: deferrable, settings: settings, retries: retries,
            deadline: deadline, from: CallSite(fileID: fileID, line: line), body)
    }

    /// A snapshot of the client's state, with counts since its start.
    public var statistics: LakebaseStatistics {
        let pool = self.pool.statistics
        let credential = self.opener.credentials.map { credentials in
            let snapshot = credentials.snapshot
            return LakebaseStatistics.Credential(
                mintedAt: snapshot.mintedAt, expiresAt: snapshot.expiresAt, mints: snapshot.mints,
                failures: snapshot.failures)
        }
        return LakebaseStatistics(
            pool: pool, lastLogin: self.opener.history.lastLogin, logins: pool.totals.opened, credential: credential)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncPQ
public import Databricks
public import Logging

/// One connection, for scripts and jobs that need no pool.
public enum LakebaseConnection {
    /// Opens one connection.
    ///
    /// It finds its place and its credential as ``LakebaseClient`` does, waits while the compute wakes, and tries a
    /// refused login once more with a newly minted credential. After that it is a plain `PQConnection`: close it at the
    /// end, and open another one when it is lost. It outlives its credential, with one limit: where libpq is older than
    /// version 17, cancelling a query is another login, which a server refuses once the credential has expired.
    /// ``withConnection(_:workspace:eventLoops:logger:_:)`` keeps a credential ready for that.
    ///
    /// ```swift
    /// let connection = try await LakebaseConnection.connect()
    /// let rows = try await connection.query("SELECT count(*) FROM notes")
    /// await connection.close()
    /// ```
    ///
    /// - Parameters:
    ///   - configuration: Where the database is; found in the environment when nil. Of the pool's limits only
    ///     `connectTimeout` and `wakeTimeout` matter.
    ///   - workspace: The client that mints credentials; made from the configuration when nil.
    ///   - eventLoops: The loops, of which one drives the connection.
    ///   - logger: Gets remarks at info, events at debug; nothing is logged when nil.
    /// - Throws: ``LakebaseConfigurationError`` with every problem of the configuration;
    ///   ``LakebaseError`` when it could not connect; `CancellationError`.
    public static func connect(
        _ configuration: LakebaseConfiguration? = nil,
        workspace: WorkspaceClient? = nil,
        eventLoops: PQEventLoopGroup = .shared,
        logger: Logger? = nil
    ) async throws -> PQConnection {
        try await Self.opener(configuration, workspace, eventLoops, logger).open()
    }

    /// Opens one connection for the length of a closure.
    ///
    /// As ``connect(_:workspace:eventLoops:logger:)``; meanwhile a credential is kept ready, and at the end the
    /// connection is closed. Non-isolated code in `body` runs on the connection's event loop and must not block.
    ///
    /// - Throws: What `body` throws, and what ``connect(_:workspace:eventLoops:logger:)`` throws.
    public nonisolated(nonsending) static func withConnection<Value>(
        _ configuration: LakebaseConfiguration? = nil,
        workspace: WorkspaceClient? = nil,
        eventLoops: PQEventLoopGroup = .shared,
        logger: Logger? = nil,
        _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        let opener = try Self.opener(configuration, workspace, eventLoops, logger)
        let connection = try await opener.open()
        let result: Result<Value, any Error>
        do {
            // Cancelled and waited for at the end of this scope.
            async let _: Void? = opener.credentials?.keepReady()
            result = .success(
                try await withTaskExecutorPreference(connection.eventLoop) { try await body(connection) })
        } catch {
            result = .failure(error)
        }
        await connection.close()
        return try result.get()
    }

    static func opener(
        _ configuration: LakebaseConfiguration?, _ workspace: WorkspaceClient?, _ eventLoops: PQEventLoopGroup,
        _ logger: Logger?
    ) throws(LakebaseConfigurationError) -> ConnectionOpener {
        var configuration =
            if let configuration { configuration } else { try LakebaseConfiguration.fromEnvironment() }
        let logger = logger ?? Logger(label: "lakebase", factory: { _ in SwiftLogNoOpLogHandler() })
        // There is one connection, so that the warning about the compute's ceiling counts one.
        configuration.pool.maximumConnections = 1
        let opener = try ConnectionOpener(
            configuration: configuration, workspace: workspace, loops: eventLoops, logger: logger)
        for note in configuration.notes { logger.info("\(note)") }
        return opener
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Lakebase
import LakebaseSchema
import Logging

/// Connects to the databases of an environment.
struct DatabaseConnector: Sendable {
    /// How it connects.
    struct Options: Sendable {
        /// A file with the certificates that the database's is verified with; nil means the system's.
        var rootCertificate: String?
        /// The port of the database.
        var port: Int
        /// How long to wait for another migrator's lock.
        var lockLimit: Duration
    }

    /// One database of an endpoint or instance.
    struct Place: Sendable {
        var target: LakebaseConfiguration.Target
        /// Its name in PostgreSQL.
        var name: String
    }

    let workspace: WorkspaceClient
    let options: Options
    let logger: Logger

    /// Runs a body with a client that logs in as the given user, and closes the client.
    ///
    /// - Parameters:
    ///   - database: The database.
    ///   - schema: The first schema of the search path; nil leaves the server's.
    ///   - user: The name of the role.
    ///   - patience: How long a refused login is tried again: a new database takes a while until it knows who may log in.
    func withClient<Value: Sendable>(
        _ database: Place, schema: String?, as user: String, patience: Duration = .zero,
        _ body: @Sendable (LakebaseClient) async throws -> Value
    ) async throws -> Value {
        var pool = PQPoolConfiguration(maximumConnections: 3)
        (pool.wakeTimeout, pool.acquireTimeout) = (.seconds(120), .seconds(150))
        var configuration = LakebaseConfiguration(
            target: database.target, port: self.options.port, database: database.name, username: user,
            rootCertificate: self.options.rootCertificate, applicationName: "lakebase deploy", schema: schema,
            workspace: self.workspace.configuration, pool: pool)
        configuration.telemetry.poolName = "deploy"
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                let client = try LakebaseClient(
                    configuration: configuration, workspace: self.workspace, logger: self.logger)
                return try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await client.run() }
                    defer { group.cancelAll() }
                    if patience > .zero { _ = try await client.query("SELECT 1") }
                    return try await body(client)
                }
            } catch let error as LakebaseError where error.code == .loginRejected && ContinuousClock.now < deadline {
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Makes a migrator for the environment's schema.
    func migrator(_ desired: DesiredState, _ client: LakebaseClient) -> Migrator {
        Migrator(
            client: client,
            options: .init(
                historySchema: desired.historySchema, owner: desired.owner, lockLimit: self.options.lockLimit),
            logger: self.logger)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Lakebase
import LakebaseLocal
import Logging
import Secrets
import Testing

/// A running local Lakebase and clients of it.
struct SchemaFixture: Sendable {
    let local: LocalLakebase
    let ready: LocalLakebase.Ready

    static let logger: Logger = {
        var logger = Logger(label: "test", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .critical
        return logger
    }()

    /// Another PostgreSQL than the newest one installed: the folder of its programs.
    private static let postgresDirectories =
        ProcessInfo.processInfo.environment["LAKEBASE_TEST_POSTGRES"].map { [$0] } ?? []

    /// The major version of the PostgreSQL that each fixture runs; starts none.
    static func postgresVersion() async throws -> Int {
        let extensions = try await LocalLakebase.extensions(postgresDirectories: Self.postgresDirectories)
        let version = extensions.server.version
        return try #require(Int(version.prefix { $0.isNumber }), "\(version)")
    }

    /// Starts a local Lakebase, runs `body` and stops it again.
    static func with(_ body: @Sendable (SchemaFixture) async throws -> Void) async throws {
        let local = try LocalLakebase(
            configuration: .init(postgresDirectories: Self.postgresDirectories), logger: Self.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await local.run() }
            let result: Result<Void, any Error>
            do {
                let ready = try await local.ready()
                result = .success(try await body(SchemaFixture(local: local, ready: ready)))
            } catch {
                result = .failure(error)
            }
            group.cancelAll()
            try? await group.waitForAll()
            try result.get()
        }
    }

    private func variables(_ identity: LocalLakebase.Identity) -> [String: String] {
        var variables = Dictionary(
            uniqueKeysWithValues: self.ready.environment(for: identity).map { ($0.name, $0.value) })
        variables["DATABRICKS_CONFIG_FILE"] = "/nonexistent/databrickscfg"
        // Beside other tests a login may take longer than the ten seconds of the default.
        variables["LAKEBASE_POOL_CONNECT_TIMEOUT"] = "60s"
        return variables
    }

    /// Runs statements as the server's superuser, by its private socket; a client must have woken it.
    func asSuperuser(_ statements: [String]) async throws {
        let process = try #require(await self.local.postgresProcessID)
        let arguments = try Data(contentsOf: URL(filePath: "/proc/\(process)/cmdline")).split(separator: 0)
            .map { String(decoding: $0, as: UTF8.self) }
        let setting = "unix_socket_directories="
        let folder = try #require(arguments.first { $0.hasPrefix(setting) }).dropFirst(setting.count)
        // Beside the folders of the sockets, for the copies that servers make of each other.
        let passwords = URL(filePath: String(folder)).deletingLastPathComponent().appending(
            path: "replication.password")
        let password = try String(contentsOf: passwords, encoding: .utf8).split(separator: ":").last ?? ""
        let configuration = PQConnection.Configuration(
            host: String(folder), port: 5432, username: "cloud_admin", database: "databricks_postgres",
            password: Secret(password.trimmingCharacters(in: .newlines)), connectTimeout: .seconds(60))
        let connection = try await PQConnection.connect(configuration, logger: Self.logger)
        do {
            for statement in statements { try await connection.execute(script: statement) }
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    /// A client of the workspace.
    func workspace(_ identity: LocalLakebase.Identity = .developer) throws -> WorkspaceClient {
        WorkspaceClient(
            configuration: try WorkspaceConfiguration.resolve(environment: self.variables(identity)),
            logger: Self.logger)
    }

    /// Runs a client of an identity, or of one with the variables of `more`, for the length of `body`.
    func client<Value: Sendable>(
        _ identity: LocalLakebase.Identity = .developer, more: [String: String] = [:],
        _ body: @Sendable (LakebaseClient) async throws -> Value
    ) async throws -> Value {
        let variables = self.variables(identity).merging(more) { $1 }
        let client = try LakebaseClient(configuration: .fromEnvironment(variables), logger: Self.logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            return try await body(client)
        }
    }
}

/// Names that only quoting gets through.
let awkwardNames = [
    "Capital Case", "with-hyphen", "quo\"te", "'; DROP TABLE canary; --", "\"; DROP TABLE canary; --",
    "6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10", "ann@example.com", "ünïcode", "$$", "a.b", "select", "back\\slash",
]

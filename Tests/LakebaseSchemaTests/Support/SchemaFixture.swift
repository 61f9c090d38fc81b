//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Lakebase
import LakebaseLocal
import Logging
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

    /// Starts a local Lakebase, runs `body` and stops it again.
    static func with(_ body: @Sendable (SchemaFixture) async throws -> Void) async throws {
        let local = try LocalLakebase(configuration: .init(), logger: Self.logger)
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
        return variables
    }

    /// A client of the workspace.
    func workspace(_ identity: LocalLakebase.Identity = .developer) throws -> WorkspaceClient {
        WorkspaceClient(
            configuration: try WorkspaceConfiguration.resolve(environment: self.variables(identity)),
            logger: Self.logger)
    }

    /// Runs a client of an identity, or of somebody whose variables are in `more`, for the length of `body`.
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

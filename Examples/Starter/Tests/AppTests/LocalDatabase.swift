//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase
import LakebaseLocal
import LakebaseSchema
import Logging

/// A Lakebase of the test's own, in this process, brought to the state that `lakebase deploy` leaves.
enum LocalDatabase {
    private static let migrations = #filePath.components(before: "/Tests/AppTests/") + "/migrations"

    /// Hands over a client with the identity and the privileges that the app has on Databricks; it does not run yet.
    static func withClient(_ body: @Sendable @escaping (LakebaseClient) async throws -> Void) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .warning
        let quiet = logger
        let local = try LocalLakebase(configuration: .init(), logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await local.run() }
            let ready = try await local.ready()
            let owner = Self.variables(ready, .developer)
            let app = Self.variables(ready, .app)
            try await Self.prepare(owner: owner, app: app["PGUSER"] ?? "", quiet)
            var configuration = try LakebaseConfiguration.fromEnvironment(app)
            configuration.schema = "starter_schema"
            try await body(try LakebaseClient(configuration: configuration, logger: quiet))
            group.cancelAll()
        }
    }

    /// Runs the migrations as the owner, and gives the app what it needs and no more.
    private static func prepare(owner: [String: String], app: String, _ logger: Logger) async throws {
        let client = try LakebaseClient(configuration: .fromEnvironment(owner), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            try await Migrator(client: client, logger: logger).up(MigrationFolder(path: self.migrations).migrations())
            let grants = GrantManager(client: client)
            try await grants.apply(
                GrantSet(
                    .app, role: app, database: try await grants.database(), schema: "starter_schema",
                    creators: [owner["PGUSER"] ?? ""]))
            group.cancelAll()
        }
    }

    private static func variables(
        _ ready: LocalLakebase.Ready, _ identity: LocalLakebase.Identity
    ) -> [String: String] {
        Dictionary(uniqueKeysWithValues: ready.environment(for: identity).map { ($0.name, $0.value) })
    }
}

extension String {
    fileprivate func components(before mark: String) -> String {
        self.ranges(of: mark).last.map { String(self[..<$0.lowerBound]) } ?? "."
    }
}

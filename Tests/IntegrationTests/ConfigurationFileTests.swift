//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Configuration
import Foundation
import Lakebase
import LakebaseLocal
import Logging
import TestSupport
import Testing

/// Real files, read by the providers of swift-configuration.
@Suite("A configuration from files that connects", .sharesTheMachine)
struct ConfigurationFileTests {
    /// A path in the type that the providers want, which comes from a package that this one does not name.
    private static func path<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
    where Path.StringLiteralType == String {
        Path(stringLiteral: text)
    }

    private static func write(_ text: String, _ name: String, in folder: TemporaryFolder) throws -> String {
        let path = "\(folder.path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private static func user(_ stack: LocalStack, _ configuration: LakebaseConfiguration) async throws -> String? {
        let client = try LakebaseClient(configuration: configuration, logger: stack.logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            return try await client.query("SELECT current_user::text").decode(String.self).first
        }
    }

    @Test("an .env file as lakebase dev writes it")
    func environmentFile() async throws {
        try await withLocalLakebase { stack in
            let folder = try TemporaryFolder()
            let lines = stack.environment(.app).map { "\($0.key)=\($0.value)" }
            let file = try Self.write(lines.joined(separator: "\n") + "\n", ".env", in: folder)
            let provider = try await EnvironmentVariablesProvider(environmentFilePath: Self.path(file))
            let configuration = try LakebaseConfiguration.from(ConfigReader(provider: provider))
            #expect(try await Self.user(stack, configuration) == stack.ready.app.userName)
        }
    }

    @Test("the place in a JSON file, the secret in an .env file before it, and each value knows its file")
    func jsonFile() async throws {
        try await withLocalLakebase { stack in
            let folder = try TemporaryFolder()
            var variables = stack.environment(.developer)
            let removed = variables.removeValue(forKey: "DATABRICKS_TOKEN")
            let token = try #require(removed)
            let secrets = try Self.write(
                "DATABRICKS_TOKEN=\(token)\nLAKEBASE_POOL_IDLE_TIMEOUT=20s\n", ".env", in: folder)
            let port = try #require(variables["PGPORT"].flatMap { Int($0) })
            let place: [String: Any] = [
                "lakebase": [
                    "endpoint": variables["LAKEBASE_ENDPOINT"] ?? "",
                    "pool": ["maximumConnections": 3, "idleTimeout": "40s"],
                    "telemetry": ["tracesStatements": false],
                ] as [String: Any],
                "pghost": variables["PGHOST"] ?? "", "pgport": port, "pgsslrootcert": variables["PGSSLROOTCERT"] ?? "",
                "databricks": ["host": variables["DATABRICKS_HOST"] ?? ""],
            ]
            let json = try JSONSerialization.data(withJSONObject: place)
            let file = try Self.write(String(decoding: json, as: UTF8.self), "lakebase.json", in: folder)
            let configuration = try LakebaseConfiguration.from(providers: [
                try await EnvironmentVariablesProvider(environmentFilePath: Self.path(secrets)),
                try await FileProvider<JSONSnapshot>(filePath: Self.path(file)),
            ])
            #expect(configuration.pool.maximumConnections == 3 && configuration.pool.idleTimeout == .seconds(20))
            #expect(configuration.port == port && !configuration.telemetry.tracesStatements)
            let source = configuration.describe().entries.first { $0.name == "pool.maximumConnections" }?.source
            #expect("\(source.map { "\($0)" } ?? "")".contains("lakebase.pool.maximumConnections"))
            #expect(!configuration.describe().description.contains(token))
            #expect(try await Self.user(stack, configuration) == stack.ready.developer.userName)
        }
    }
}

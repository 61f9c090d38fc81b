//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// A local Lakebase inside of the process that uses it.

// snippet.run
import Lakebase
import LakebaseLocal
import Logging

/// Starts a local Lakebase in a temporary folder, hands a client to `body`, and stops everything.
func withLocalLakebase(logger: Logger, _ body: (LakebaseClient) async throws -> Void) async throws {
    let local = try LocalLakebase(configuration: .init(tokenLifetime: .seconds(30)), logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await local.run() }
        let environment = try await local.ready().environment(for: .developer)
        let variables = Dictionary(uniqueKeysWithValues: environment.map { ($0.name, $0.value) })
        let client = try LakebaseClient(configuration: .fromEnvironment(variables), logger: logger)
        group.addTask { await client.run() }
        try await body(client)
        group.cancelAll()
    }
}
// snippet.end

try await withLocalLakebase(logger: Logger(label: "snippet")) { client in
    let user = try await client.query("SELECT current_user").first?.decode(String.self, at: 0)
    print(user ?? "nobody")
}

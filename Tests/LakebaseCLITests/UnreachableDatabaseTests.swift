//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@Suite("a PostgreSQL that refuses connections, for the commands that connect")
struct UnreachableDatabaseTests {
    private static func run(_ command: [String], _ environment: [String: String]) async throws -> CommandRun {
        // Nobody but root can listen there.
        let place = ["PGHOST": "127.0.0.1", "PGPORT": "1", "PGUSER": "ada", "PGDATABASE": "app"]
        return try await CommandRun.run("lakebase", command, environment: place.merging(environment) { $1 })
    }

    @Test(
        "it is asked once, since it does not sleep",
        arguments: [
            ["query", "-c", "SELECT 1"], ["psql"], ["roles", "list"], ["migrate", "status", "--folder", "."],
            ["grants", "verify", "--preset", "readonly", "--schema", "app", "reporting"],
        ])
    func once(_ command: [String]) async throws {
        let run = try await Self.run(command, [:])
        #expect(run.status == 1)
        #expect(run.errors.contains("127.0.0.1 did not accept a connection: "), "\(run.errors)")
    }

    @Test(
        "it is asked for as long as the environment says",
        arguments: [["query", "-c", "SELECT 1"], ["roles", "list"]])
    func again(_ command: [String]) async throws {
        let run = try await Self.run(command, ["LAKEBASE_POOL_WAKE_TIMEOUT": "300ms"])
        #expect(run.status == 1)
        #expect(run.errors.contains("127.0.0.1 did not accept a connection within 0.3 seconds: "), "\(run.errors)")
    }
}

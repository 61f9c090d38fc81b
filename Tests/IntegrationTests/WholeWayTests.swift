//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase
import LakebaseLocal
import TestSupport
import Testing

@Suite("The whole way on one machine", .sharesTheMachine)
struct WholeWayTests {
    @Test("configuration, mint, login, query, sleep, wake")
    func wholeWay() async throws {
        try await withLocalLakebase { stack in
            try await stack.withClient(.app) { client in
                #expect(await stack.local.computePhase == .idle)
                let rows = try await client.query("SELECT current_user::text, \(41) + 1, current_database()::text")
                let (user, sum, database) = try #require(try rows.decode((String, Int, String).self).first)
                #expect(user == stack.ready.app.userName)
                #expect(sum == 42)
                #expect(database == "databricks_postgres")

                try await client.withTransaction { connection in
                    try await connection.query("CREATE SCHEMA mine")
                    try await connection.query("CREATE TABLE mine.things (id int PRIMARY KEY, name text NOT NULL)")
                    try await connection.query("INSERT INTO mine.things VALUES (\(Int32(1)), \("one")), (2, 'two')")
                }
                await #expect(throws: PQError.self) {
                    try await client.withTransaction { connection in
                        try await connection.query("DELETE FROM mine.things")
                        try await connection.query("INSERT INTO mine.things VALUES (1, NULL)")
                    }
                }

                // Asleep with a session open: the session ends, the next query wakes the compute.
                await stack.local.suspendCompute()
                await stack.local.wait(for: .idle)
                try await eventually("the pool notices") { client.statistics.pool.size == 0 }
                let names = try await client.query("SELECT name FROM mine.things ORDER BY id").decode((String).self)
                #expect(names == ["one", "two"])
                #expect(stack.local.counts.computeStarts == 2)
                #expect(client.statistics.logins == 2)
                #expect(stack.local.counts.credentialsMinted == 1)
            }
        }
    }

    @Test("a host that is not one of the endpoint's gets no token")
    func foreignHost() async throws {
        try await withLocalLakebase { stack in
            try await stack.withClient(changes: ["PGHOST": "127.0.0.77"]) { client in
                let error = await #expect(throws: LakebaseError.self) { try await client.query("SELECT 1") }
                #expect(error?.code == .targetNotFound)
                let text = error.map { "\($0)" } ?? ""
                #expect(text.contains("127.0.0.77") && text.contains("LAKEBASE_PG_HOST"), "\(text)")
                #expect(stack.local.counts.credentialsMinted == 0)
            }
        }
    }

    @Test("an idle endpoint goes to sleep by itself and wakes for the next query")
    func sleepsByItself() async throws {
        // Longer than it takes from a login to its statement, on a busy machine as well.
        try await withLocalLakebase(.init(suspendAfter: .seconds(2))) { stack in
            try await stack.withClient { client in
                try await client.query("SELECT 1")
                await stack.local.wait(for: .idle)
                try await client.query("SELECT 1")
                #expect(stack.local.counts.computeStarts == 2)
            }
        }
    }

    @Test("a statement that runs for longer than the suspend delay keeps the compute awake")
    func longStatementKeepsAwake() async throws {
        try await withLocalLakebase(.init(suspendAfter: .seconds(2))) { stack in
            try await stack.withClient { client in
                let rows = try await client.query("SELECT pg_sleep(4)::text, 7")
                #expect(try rows.first?.decode(Int.self, at: 1) == 7)
                #expect(stack.local.counts.computeStarts == 1)
            }
        }
    }

    @Test("data, identities and address outlive a restart on the same folder")
    func restart() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/data"
        let first = try await withLocalLakebase(.init(dataDirectory: data)) { stack in
            try await stack.withClient(.developer) { client in
                try await client.query("CREATE TABLE kept (n int)")
                try await client.query("INSERT INTO kept SELECT generate_series(1, 100)")
            }
            return stack.environment(.developer)
        }
        try await withLocalLakebase(.init(dataDirectory: data)) { stack in
            let second = stack.environment(.developer)
            for name in ["PGUSER", "DATABRICKS_TOKEN", "PGHOST", "PGPORT", "LAKEBASE_ENDPOINT"] {
                #expect(first[name] == second[name], "\(name)")
            }
            try await stack.withClient(.developer) { client in
                let count = try await client.query("SELECT count(*) FROM kept").first?.decode(Int.self, at: 0)
                #expect(count == 100)
            }
        }
    }

    @Test("a provisioned instance, looked up by its name, and hosts looked up by endpoint and back")
    func lookUps() async throws {
        try await withLocalLakebase { stack in
            // Host and user left out: both are asked for.
            try await stack.withClient(changes: ["PGHOST": nil as String?, "PGUSER": nil as String?]) { client in
                _ = try await client.query("SELECT 1")
            }
            try await stack.withClient(changes: ["LAKEBASE_ENDPOINT": nil as String?]) { client in
                _ = try await client.query("SELECT 1")
            }
            let provisioned: [String: String?] = [
                "LAKEBASE_ENDPOINT": nil as String?, "LAKEBASE_TYPE": "provisioned", "LAKEBASE_INSTANCE": "local",
                "PGHOST": nil as String?,
            ]
            try await stack.withClient(changes: provisioned) { client in
                _ = try await client.query("SELECT 1")
            }
        }
    }

    @Test("cancelling a task stops its query on the server, through the gateway", .timeLimit(.minutes(10)))
    func cancelling() async throws {
        try await withLocalLakebase { stack in
            try await stack.withClient { client in
                try await client.withConnection { connection in
                    await #expect(throws: CancellationError.self) {
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            group.addTask { try await connection.query("SELECT pg_sleep(3600)") }
                            try await eventually("the query runs") {
                                await connection.transactionStatus == .active
                            }
                            group.cancelAll()
                            try await group.waitForAll()
                        }
                    }
                    // On the same session, where the other would still sleep.
                    let five = try await connection.query("SELECT 5").first?.decode(Int32.self, at: 0)
                    #expect(five == 5)
                }
            }
        }
    }
}

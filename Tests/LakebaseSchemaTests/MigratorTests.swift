//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Lakebase
import LakebaseLocal
import Testing

@testable import LakebaseSchema

@Suite("Migrations on real PostgreSQL", .serialized, .timeLimit(.minutes(5)))
struct MigratorTests {
    private static let notes = [
        (1, "notes", "CREATE SCHEMA app; CREATE TABLE app.notes (id int PRIMARY KEY)", "DROP SCHEMA app CASCADE"),
        (2, "text", "ALTER TABLE app.notes ADD text text", "ALTER TABLE app.notes DROP text"),
        (
            3, "index", "-- lakebase: no transaction\nCREATE INDEX CONCURRENTLY notes_text ON app.notes (text)",
            "-- lakebase: no transaction\nDROP INDEX CONCURRENTLY app.notes_text"
        ),
    ].map { (version, name, up, down) in (Int64(version), name, up, down) }

    private func migrations(_ changes: [Int64: String] = [:]) throws -> [Migration] {
        try Self.notes.map { try Migration(version: $0.0, name: $0.1, up: changes[$0.0] ?? $0.2, down: $0.3) }
    }

    private func migrator(_ client: LakebaseClient, _ options: Migrator.Options = .init()) -> Migrator {
        Migrator(client: client, options: options, logger: SchemaFixture.logger)
    }

    private func tables(_ client: LakebaseClient, in schema: String = "app") async throws -> [String] {
        try await client.query(
            """
            SELECT relname::text FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
            WHERE nspname = \(schema) ORDER BY 1
            """
        ).decode(String.self)
    }

    @Test func `up, again, a part of the way, and down, on a compute that sleeps at first`() async throws {
        try await SchemaFixture.with { fixture in
            #expect(await fixture.local.computePhase == .idle)
            try await fixture.client { client in
                let migrator = self.migrator(client)
                let all = try self.migrations()
                #expect(try await migrator.status(all).entries.map(\.state) == [.pending, .pending, .pending])
                let first = try await migrator.up(all, to: 2)
                #expect(first.migrations.map(\.version) == [1, 2])
                #expect(first.owner == fixture.ready.developer.userName)
                #expect(try await migrator.up(all).migrations.map(\.version) == [3])
                #expect(try await migrator.up(all).migrations.isEmpty)
                #expect(try await self.tables(client) == ["notes", "notes_pkey", "notes_text"])
                let plan = try await migrator.status(all)
                #expect(plan.isComplete)
                #expect(plan.entries.allSatisfy { $0.applied?.appliedBy == fixture.ready.developer.userName })

                #expect(try await migrator.down(all).migrations.map(\.version) == [3])
                #expect(try await self.tables(client) == ["notes", "notes_pkey"])
                #expect(try await migrator.down(all, to: 0).migrations.map(\.version) == [2, 1])
                #expect(try await self.tables(client).isEmpty)
                #expect(try await migrator.up(all).migrations.count == 3)
            }
        }
    }

    @Test func `first failure stops with file, line and statement, and leaves nothing of its file`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let migrator = self.migrator(client)
                let broken = "ALTER TABLE app.notes\n  ADD text text;\n\nALTER TABLE app.notes\n  ADD wrong nonsense;"
                let error = await #expect(throws: MigrationError.self) {
                    try await migrator.up(self.migrations([2: broken]))
                }
                #expect(error?.code == .failed && error?.file == "2_text.sql" && error?.line == 5)
                #expect(error?.statement == "ALTER TABLE app.notes\n  ADD wrong nonsense")
                #expect(error?.underlying?.sqlState == .undefinedObject)
                #expect(error?.description.hasPrefix("2_text.sql:5: ") == true)
                let columns = try await client.query(
                    "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'app'"
                ).decode(String.self)
                #expect(columns == ["id"])
                let states = try await migrator.status(self.migrations()).entries.map(\.state)
                #expect(states == [.applied, .pending, .pending])
                #expect(try await migrator.up(self.migrations()).migrations.map(\.version) == [2, 3])
            }
        }
    }

    @Test func `migration that was edited or went missing after it ran is refused`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let migrator = self.migrator(client)
                try await migrator.up(self.migrations(), to: 1)
                let edited = try self.migrations([1: Self.notes[0].2 + ";SELECT 1"])
                let error = await #expect(throws: MigrationError.self) { try await migrator.up(edited) }
                #expect(error?.code == .edited && error?.file == "1_notes.sql")
                let gone = await #expect(throws: MigrationError.self) {
                    try await migrator.up(Array(self.migrations().dropFirst()))
                }
                #expect(gone?.code == .missing)
                #expect(try await self.tables(client) == ["notes", "notes_pkey"])
            }
        }
    }

    @Test func `one without a transaction that stops half-way is known, and runs again when it is mended`() async throws
    {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let migrator = self.migrator(client)
                let broken =
                    "-- lakebase: no transaction\nCREATE TABLE IF NOT EXISTS app.made (id int);\nSELECT nonsense"
                let refusal = await #expect(throws: MigrationError.self) {
                    try await migrator.up(self.migrations([3: broken]))
                }
                #expect(refusal?.line == 3)
                let mended = try self.migrations()
                #expect(try await self.tables(client).contains("made"))
                #expect(try await migrator.status(mended).entries.last?.state == .unfinished)
                #expect(try await migrator.up(mended).migrations.map(\.version) == [3])
                #expect(try await migrator.status(mended).isComplete)
            }
        }
    }

    @Test func `of many migrators at once one works and the others wait, also for an index made concurrently`()
        async throws
    {
        try await SchemaFixture.with { fixture in
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<5 {
                    group.addTask {
                        try await fixture.client { client in
                            try await self.migrator(client).up(self.migrations()).migrations.count
                        }
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(counts.sorted() == [0, 0, 0, 0, 3])
            try await fixture.client { client in
                #expect(try await self.migrator(client).status(self.migrations()).isComplete)
                let valid = try await client.query(
                    "SELECT indisvalid FROM pg_index WHERE indexrelid = 'app.notes_text'::regclass"
                ).decode(Bool.self)
                #expect(valid == [true])
            }
        }
    }

    @Test func `wait for another migrator has a limit and names it, and the lock goes with its holder`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let options = Migrator.Options(lockLimit: .milliseconds(300))
                let key = MigrationLock(schema: "lakebase", limit: .zero).key
                try await client.withConnection { holder in
                    try await holder.query("SELECT pg_advisory_lock(\(key))")
                    let error = await #expect(throws: MigrationError.self) {
                        try await self.migrator(client, options).up(self.migrations())
                    }
                    #expect(error?.code == .locked && error?.message.contains(fixture.ready.developer.userName) == true)
                    // Another set of migrations has a lock of its own.
                    let other = Migrator.Options(historySchema: "other", lockLimit: .milliseconds(300))
                    #expect(try await self.migrator(client, other).up(self.migrations()).migrations.count == 3)
                    await holder.close()
                }
                try await client.query("DROP SCHEMA app CASCADE")
                #expect(
                    try await self.migrator(client, .init(lockLimit: .seconds(20))).up(self.migrations()).migrations
                        .count == 3)
            }
        }
    }

    @Test func `failed and cancelled runs give the lock back`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let options = Migrator.Options(lockLimit: .seconds(20))
                let slow = try Migration(
                    version: 1, name: "slow",
                    up: "CREATE SCHEMA slow; CREATE TABLE slow.t (id int); SELECT pg_sleep(600)")
                let running = Task { try await self.migrator(client, options).up([slow]) }
                let deadline = ContinuousClock.now + .seconds(30)
                while ContinuousClock.now < deadline {
                    let sleeping =
                        try await client.query(
                            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%' AND state = 'active'"
                        ).decode(Int64.self) as [Int64]
                    if sleeping.first == 1 { break }
                    try await Task.sleep(for: .milliseconds(10))
                }
                running.cancel()
                let end = await running.result
                #expect(throws: CancellationError.self) { () throws in _ = try end.get() }
                let made = try await self.tables(client, in: "slow")
                let held: [Int64] = try await client.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
                    .decode(Int64.self)
                #expect(made.isEmpty && held == [0])
                #expect(try await self.migrator(client, options).up(self.migrations()).migrations.count == 3)
            }
        }
    }

    @Test func `what migrations make belongs to the owner that is stated`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let developer = fixture.ready.developer.userName
                try await client.query("CREATE ROLE \"The Owner\"")
                try await client.query("GRANT \"The Owner\" TO \(identifier: developer)")
                try await client.query("GRANT CREATE ON DATABASE databricks_postgres TO \"The Owner\"")
                let report = try await self.migrator(client, .init(owner: "The Owner")).up(self.migrations())
                #expect(report.owner == "The Owner")
                let owners = try await client.query(
                    "SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname IN ('app', 'lakebase')")
                #expect(try owners.decode(String.self) == ["The Owner"])
                // The session goes back to the pool as it came.
                #expect(try await client.query("SELECT current_user::text").decode(String.self) == [developer])
                let error = await #expect(throws: MigrationError.self) {
                    try await self.migrator(client, .init(owner: "nobody")).up(self.migrations())
                }
                #expect(error?.message.contains("nobody") == true)
            }
        }
    }

    @Test func `schemas and owners may have any name, and no name is SQL`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                try await client.query("CREATE TABLE canary (id int)")
                let developer = fixture.ready.developer.userName
                for (index, name) in awkwardNames.enumerated() {
                    let owner = "owner " + name
                    try await client.query("CREATE ROLE \(identifier: owner)")
                    try await client.query("GRANT \(identifier: owner) TO \(identifier: developer)")
                    try await client.query("GRANT CREATE ON DATABASE databricks_postgres TO \(identifier: owner)")
                    let migration = try Migration(
                        version: 1, name: "m", up: "CREATE SCHEMA s\(index); CREATE TABLE s\(index).t (id int)")
                    let migrator = self.migrator(client, .init(historySchema: name, owner: owner))
                    #expect(try await migrator.up([migration]).owner == owner)
                    #expect(try await migrator.status([migration]).isComplete)
                    #expect(try await self.tables(client, in: name) == ["migrations", "migrations_pkey"])
                }
                #expect(try await self.tables(client, in: "public").contains("canary"))
            }
        }
    }
}

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
                    #expect(error?.code == .locked && error?.remedy?.contains(fixture.ready.developer.userName) == true)
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
                let deadline = ContinuousClock.now + .seconds(60)
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

    @Test func `what stands behind a comment that a carriage return ends runs, as the server would run it`()
        async throws
    {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let text = "-- made on an old Mac\rCREATE SCHEMA app;\r-- the table\rCREATE TABLE app.t (id int);\r"
                try await self.migrator(client).up([try Migration(version: 1, name: "cr", up: text)])
                #expect(try await self.tables(client) == ["t"])
            }
        }
    }

    @Test func `each file begins as in a new session`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let first = """
                    CREATE SCHEMA app; CREATE TABLE app.t (id serial, text text); INSERT INTO app.t VALUES (1, 'real');
                    CREATE TEMPORARY TABLE t AS SELECT * FROM app.t; PREPARE p AS SELECT 1; LISTEN channel;
                    DECLARE c CURSOR WITH HOLD FOR SELECT 1; SELECT nextval('app.t_id_seq'); SET search_path = app;
                    SET standard_conforming_strings = on; SELECT pg_advisory_lock(7), pg_advisory_lock(7);
                    SELECT pg_advisory_lock(-1, -2), pg_advisory_lock_shared(8), pg_advisory_lock_shared(1, -2)
                    """
                let second = """
                    SET search_path = app; UPDATE t SET text = 'changed'; PREPARE p AS SELECT 2;
                    DECLARE c CURSOR WITH HOLD FOR SELECT 2; CREATE TEMPORARY TABLE mine (id int);
                    CREATE TABLE held AS SELECT count(*) FROM pg_locks WHERE locktype = 'advisory';
                    CREATE TABLE heard AS SELECT * FROM pg_listening_channels()
                    """
                let all = try [first, second].enumerated().map {
                    try Migration(version: Int64($0.offset + 1), name: "m", up: $0.element)
                }
                #expect(try await self.migrator(client).up(all).migrations.count == 2)
                #expect(try await client.query("SELECT text FROM app.t").decode(String.self) == ["changed"])
                // The lock of migrators is the one that is left.
                let held: [Int64] = try await client.query("SELECT count FROM app.held").decode(Int64.self)
                #expect(held == [1])
                #expect(try await client.query("SELECT * FROM app.heard").isEmpty)
                // Nor does the session take anything back to the pool.
                let left = try await client.query(
                    """
                    SELECT ARRAY(SELECT relname::text FROM pg_class WHERE relpersistence = 't')
                    || ARRAY(SELECT statement FROM pg_prepared_statements WHERE from_sql)
                    || ARRAY(SELECT statement FROM pg_cursors WHERE is_holdable)
                    || ARRAY(SELECT mode FROM pg_locks WHERE locktype = 'advisory')
                    """
                ).decode([String].self)
                #expect(left == [[]])
            }
        }
    }

    @Test func `a migration that gives back the lock ends the run before the next`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let all = try ["CREATE SCHEMA app; SELECT pg_advisory_unlock_all()", "CREATE TABLE app.t ()"]
                    .enumerated()
                    .map { try Migration(version: Int64($0.offset + 1), name: "m", up: $0.element) }
                let error = await #expect(throws: MigrationError.self) { try await self.migrator(client).up(all) }
                #expect(error?.code == .locked)
                #expect(try await self.tables(client).isEmpty)
                #expect(try await self.migrator(client).up(all).migrations.map(\.version) == [2])
            }
        }
    }

    @Test func `a failure at COMMIT names the file, and one for want of no transaction says what to do`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let deferred = """
                    CREATE SCHEMA app; CREATE TABLE app.t (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);
                    INSERT INTO app.t VALUES (1), (1)
                    """
                let late = await #expect(throws: MigrationError.self) {
                    try await self.migrator(client).up([try Migration(version: 1, name: "late", up: deferred)])
                }
                #expect(
                    late?.file == "1_late.sql" && late?.message.contains("COMMIT") == true,
                    "\(String(describing: late))")
                #expect(late?.underlying?.sqlState == .uniqueViolation)
                let made = try await self.tables(client)
                #expect(made.isEmpty)
                let index = await #expect(throws: MigrationError.self) {
                    try await self.migrator(client).up(
                        self.migrations([3: "CREATE INDEX CONCURRENTLY i ON app.notes (text)"]))
                }
                #expect(
                    index?.remedy?.contains("'-- lakebase: no transaction'") == true, "\(String(describing: index))")
            }
        }
    }
}

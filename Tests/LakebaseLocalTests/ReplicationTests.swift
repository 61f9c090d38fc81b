//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import PostgresGateway
import ProgramLauncher
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalPostgres

@Suite("Replication screen") struct ReplicationScreenTests {
    private func state(_ text: String) -> String? { ReplicationScreen.refusal(of: ArraySlice(text.utf8))?.sqlState }

    @Test(arguments: [
        "IDENTIFY_SYSTEM", "SELECT 1", "BEGIN READ ONLY ISOLATION LEVEL REPEATABLE READ", "SHOW wal_level", "", "-- x",
        #"CREATE_REPLICATION_SLOT "s" LOGICAL pgoutput (SNAPSHOT 'nothing')"#,
        #"CREATE_REPLICATION_SLOT "a ""b" TEMPORARY LOGICAL "test_decoding""#,
        #"START_REPLICATION SLOT "s" LOGICAL 0/0 (proto_version '1')"#, #"DROP_REPLICATION_SLOT "s" WAIT"#,
        #"READ_REPLICATION_SLOT "s""#, "SELECT 'BASE_BACKUP'",
    ]) func `logical replication and SQL go on`(command: String) {
        #expect(self.state(command) == nil)
    }

    @Test(arguments: [
        "BASE_BACKUP", " \n\tBASE_BACKUP (LABEL 'x')", "base_backup", "BASE_BACKUP;", "TIMELINE_HISTORY 1",
        "UPLOAD_MANIFEST",
        "START_REPLICATION 0/0", "START_REPLICATION PHYSICAL 0/0 TIMELINE 1", #"START_REPLICATION SLOT "s" 0/0"#,
        #"START_REPLICATION SLOT "s" PHYSICAL 0/0"#, #"CREATE_REPLICATION_SLOT "s" PHYSICAL"#,
        #"CREATE_REPLICATION_SLOT "LOGICAL" PHYSICAL RESERVE_WAL"#, "CREATE_REPLICATION_SLOT",
        #"CREATE_REPLICATION_SLOT "s"#,
        "CREATE_REPLICATION_SLOT s TEMPORARY", "START_REPLICATION", "\u{0B}BASE_BACKUP", "\u{0C}BASE_BACKUP",
    ]) func `what copies the cluster or its log does not`(command: String) {
        #expect(self.state(command) == "0A000")
    }

    @Test(arguments: [
        #"CREATE_REPLICATION_SLOT "s" LOGICAL "/tmp/evil""#, #"CREATE_REPLICATION_SLOT s TEMPORARY LOGICAL "../evil""#,
        #"CREATE_REPLICATION_SLOT "s" LOGICAL "a""/b""#, #"CREATE_REPLICATION_SLOT "s" LOGICAL"#,
        #"CREATE_REPLICATION_SLOT "s" LOGICAL "evil"#, #"CREATE_REPLICATION_SLOT "s" LOGICAL "$libdir/x""#,
    ]) func `an output plugin has a plain name`(command: String) {
        #expect(self.state(command) == "42501")
    }
}

extension WholeLakebaseTests {
    @Suite("Logical replication", .serialized) struct LogicalReplicationTests {
        private func walsender(_ command: String, _ fixture: Fixture, database: String? = nil) async throws
            -> Fixture.Output
        {
            let name = database ?? fixture.ready.database
            return try await fixture.psql(command, arguments: ["-d", "replication=database dbname=\(name)"])
        }

        @Test func `the owner makes slots, and pg_recvlogical follows through the gateway`() async throws {
            try await Fixture.with { fixture in
                let settings = try await fixture.sql(
                    "SELECT current_setting('wal_level'), rolreplication FROM pg_roles WHERE rolname = current_user")
                #expect(settings == "logical|t")
                _ = try await fixture.sql(
                    "CREATE TABLE t (i int PRIMARY KEY); CREATE PUBLICATION all_of_it FOR TABLE t")
                let made = try await fixture.sql(
                    "SELECT slot_name FROM pg_create_logical_replication_slot('by_sql', plugin => 'pgoutput')")
                #expect(made == "by_sql")
                let identified = try await self.walsender("IDENTIFY_SYSTEM", fixture)
                #expect(
                    identified.status == 0 && identified.text.contains(fixture.ready.database), "\(identified.text)")

                let folder = try await InstalledServers.find().newest.binFolder
                guard FileManager.default.isExecutableFile(atPath: folder + "/pg_recvlogical") else { return }
                func receive(_ arguments: [String]) async throws -> ChildProcess.Result {
                    try await ChildProcess.run(
                        folder + "/pg_recvlogical", ["-d", fixture.ready.database, "-S", "feed", "-w"] + arguments,
                        environment: try await fixture.clientEnvironment())
                }
                let created = try await receive(["--create-slot", "-P", "test_decoding"])
                #expect(created.status == 0, "\(created.output)")
                _ = try await fixture.sql("INSERT INTO t SELECT generate_series(1, 500)")
                let end = try await fixture.sql("SELECT pg_current_wal_lsn()")
                let read = try await receive(["--start", "--no-loop", "-f", "-", "--endpos", end])
                let rows = read.output.split(separator: "\n").filter { $0.contains("INSERT: i[integer]:") }
                #expect(read.status == 0 && rows.count == 500, "\(read.output.suffix(500))")

                // Slots are there after sleep; a branch has none of its parent's.
                await fixture.lakebase.suspendCompute()
                await fixture.lakebase.wait(for: .idle)
                #expect(try await fixture.sql("SELECT count(*) FROM pg_replication_slots") == "2")
                let dev = try await fixture.branch("dev")
                #expect(try await fixture.sql("SELECT count(*) FROM pg_replication_slots", on: dev) == "0")
            }
        }

        @Test func `nothing but logical replication, and no module of one's own`() async throws {
            try await Fixture.with { fixture in
                _ = try await fixture.sql("CREATE DATABASE plain TEMPLATE template0")
                for database in [fixture.ready.database, "postgres", "plain"] {
                    for (command, state) in [
                        ("BASE_BACKUP", "0A000"), ("START_REPLICATION 0/0", "0A000"),
                        (#"CREATE_REPLICATION_SLOT "p" PHYSICAL"#, "0A000"),
                        (#"CREATE_REPLICATION_SLOT "s" LOGICAL "/tmp/evil""#, "42501"),
                        ("SELECT pg_create_logical_replication_slot('s', '/tmp/evil')", "42501"),
                    ] {
                        let refused = try await self.walsender(command, fixture, database: database)
                        #expect(
                            refused.status != 0 && refused.text.contains(state),
                            "\(database) \(command): \(refused.text)")
                    }
                    let sql = try await fixture.psql(
                        "SELECT pg_create_logical_replication_slot('s', '../evil')", database: database)
                    #expect(sql.text.contains("42501"), "\(sql.text)")
                }
                let app = try await fixture.psql("SELECT pg_create_logical_replication_slot('s', 'pgoutput')", as: .app)
                #expect(app.text.contains("42501"), "\(app.text)")
                let walsender = try await fixture.psql(
                    "IDENTIFY_SYSTEM", as: .app,
                    arguments: ["-d", "replication=database dbname=\(fixture.ready.database)"])
                #expect(walsender.status != 0, "\(walsender.text)")
                let physical = try await fixture.psql("IDENTIFY_SYSTEM", arguments: ["-d", "replication=true"])
                #expect(
                    physical.status != 0 && physical.text.contains("28000")
                        || physical.text.contains("no pg_hba.conf entry"))
            }
        }
    }
}

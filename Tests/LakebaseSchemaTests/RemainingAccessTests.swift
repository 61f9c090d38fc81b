//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Lakebase
import LakebaseLocal
import Testing

@testable import LakebaseSchema

@Suite("What a role still has after everything was taken back", .serialized, .timeLimit(.minutes(5)))
struct RemainingAccessTests {
    private static let database = "databricks_postgres"

    @Test func `each way that is left is said with the statement that takes it away`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let (app, me) = (fixture.ready.app.userName, fixture.ready.developer.userName)
                for sql in [
                    "CREATE SCHEMA data", "CREATE TABLE data.t (a int, b int)", "CREATE TABLE data.mine (id int)",
                    "CREATE TYPE data.mood AS ENUM ('good')", "CREATE ROLE maker", "GRANT maker TO \"\(me)\"",
                    "CREATE ROLE stranger", "CREATE ROLE readers", "GRANT readers TO \"\(app)\"", "CREATE ROLE idle",
                    "GRANT idle TO \"\(app)\"", "GRANT USAGE ON SCHEMA data TO \"\(app)\"",
                    // On columns, which no list of tables shows.
                    "GRANT SELECT (a), UPDATE (b) ON data.t TO \"\(app)\"",
                    "GRANT INSERT ON data.t TO readers", "GRANT SELECT (b) ON data.t TO PUBLIC",
                    "GRANT USAGE ON TYPE data.mood TO \"\(app)\"",
                    // Of a creator that is not named, of one that is a stranger, and for every schema.
                    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO \"\(app)\"",
                    "ALTER DEFAULT PRIVILEGES IN SCHEMA data GRANT SELECT ON SEQUENCES TO PUBLIC",
                ] {
                    try await client.query(PQQuery(unsafeSQL: sql))
                }
                let place = "IN SCHEMA data GRANT"
                try await fixture.asSuperuser([
                    "ALTER DEFAULT PRIVILEGES FOR ROLE maker \(place) SELECT ON TABLES TO \"\(app)\"",
                    "ALTER DEFAULT PRIVILEGES FOR ROLE stranger \(place) INSERT ON TABLES TO \"\(app)\"",
                    "ALTER TABLE data.mine OWNER TO \"\(app)\"",
                ])
                let grants = GrantManager(client: client)
                let set = GrantSet(.app, role: app, database: Self.database, schema: "data")
                let plan = try await grants.revoke(set)
                let text = plan.statements.joined(separator: "\n")
                #expect(text.contains("REVOKE SELECT, UPDATE ON TABLE data.t FROM"), "\(text)")
                #expect(text.contains("FOR ROLE \"maker\" IN SCHEMA \"data\" REVOKE SELECT ON TABLES"), "\(text)")
                let columns: PQQuery = "SELECT count(*) FROM pg_attribute WHERE attacl::text LIKE \("%" + app + "%")"
                #expect(try await client.query(columns).decode(Int64.self) == [Int64(0)])

                let left = plan.left
                let words = left.map(\.description).joined(separator: "\n")
                #expect(left == (try await grants.remainingAccess(set)))
                #expect(Set(left.map(\.way)) == [.direct, .everybody, .membership, .ownership], "\(words)")
                let direct = left.filter { $0.way == .direct }
                #expect(direct.count == 3, "\(words)")
                #expect(direct.contains { $0.what.contains("every schema") && $0.by.contains(me) }, "\(words)")
                #expect(direct.contains { $0.remedy.contains("FOR ROLE \"stranger\"") && $0.by.contains("stranger") })
                #expect(direct.contains { $0.remedy.hasPrefix("REVOKE ALL ON TYPE data.mood") }, "\(words)")
                let memberships = left.filter { $0.way == .membership }
                #expect(memberships.map(\.remedy) == ["REVOKE \"readers\" FROM \"\(app)\""], "\(words)")
                #expect(left.contains { $0.way == .everybody && $0.what.contains("SELECT on table data.t") })
                #expect(left.contains { $0.way == .everybody && $0.remedy.hasPrefix("ALTER DEFAULT PRIVILEGES") })
                #expect(left.contains { $0.way == .ownership && $0.what.contains("table data.mine") })
                // What is said is what it takes.
                let statements = left.filter { $0.way != .ownership }.map(\.remedy)
                try await fixture.asSuperuser(statements)
                #expect(try await grants.remainingAccess(set).map(\.way) == [.ownership], "\(statements)")
                let reach: PQQuery = """
                    SELECT has_table_privilege(\(app), 'data.t', 'INSERT') OR has_any_column_privilege(\(app), 'data.t', 'SELECT')
                    """
                #expect(try await client.query(reach).decode(Bool.self) == [false])
            }
        }
    }

    @Test func `what another role gave is an error that names the role, and nothing is changed`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let app = fixture.ready.app.userName
                for sql in [
                    "CREATE SCHEMA data", "CREATE TABLE data.t (a int)", "CREATE ROLE middle",
                    "GRANT USAGE ON SCHEMA data TO middle, \"\(app)\"",
                    "GRANT SELECT ON data.t TO middle WITH GRANT OPTION",
                ] {
                    try await client.query(PQQuery(unsafeSQL: sql))
                }
                try await fixture.asSuperuser(["SET ROLE middle; GRANT SELECT ON data.t TO \"\(app)\"; RESET ROLE"])
                let grants = GrantManager(client: client)
                let set = GrantSet(.app, role: app, database: Self.database, schema: "data")
                let error = await #expect(throws: GrantError.self) { try await grants.revoke(set) }
                #expect(error?.code == .ineffective)
                #expect(
                    error?.missing.count == 1 && error?.missing[0].contains("as middle") == true,
                    "\(error?.missing ?? [])")
                #expect(error?.missing.first?.contains("REVOKE SELECT ON TABLE data.t FROM") == true)
                let granted = try await grants.facts(for: set).objects.filter { !$0.granted.isEmpty }.map(\.kind)
                #expect(Set(granted) == [.database, .schema, .table] || Set(granted) == [.schema, .table])
            }
        }
    }

    @Test func `a superuser and a reader of all data are not said to have lost anything`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                for sql in ["CREATE SCHEMA data", "CREATE TABLE data.t (a int)", "CREATE ROLE reader"] {
                    try await client.query(PQQuery(unsafeSQL: sql))
                }
                try await fixture.asSuperuser(["GRANT pg_read_all_data TO reader; CREATE ROLE root SUPERUSER"])
                let grants = GrantManager(client: client)
                for (role, way) in [("reader", RemainingAccess.Way.membership), ("root", .superuser)] {
                    let set = GrantSet(.app, role: role, database: Self.database, schema: "data")
                    #expect(try await grants.revoke(set).left.contains { $0.way == way }, "\(role)")
                }
            }
        }
    }
}

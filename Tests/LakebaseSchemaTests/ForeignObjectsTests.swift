//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Lakebase
import LakebaseLocal
import Testing

@testable import LakebaseSchema

@Suite("Objects that are not the user's own, and aggregates of all kinds", .serialized, .timeLimit(.minutes(5)))
struct ForeignObjectsTests {
    private static let database = "databricks_postgres"

    @Test(arguments: GrantSet.Preset.allCases)
    func `what belongs to an extension or the platform is left out, and nothing is left to do`(
        preset: GrantSet.Preset
    ) async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                try await client.withConnection { connection in
                    try await connection.execute(
                        script: """
                            CREATE SCHEMA data;
                            CREATE EXTENSION hstore SCHEMA data; CREATE EXTENSION cube SCHEMA data;
                            CREATE EXTENSION ltree SCHEMA data;
                            CREATE TYPE data.span AS RANGE (subtype = float8);
                            CREATE TYPE data.mood AS ENUM ('good', 'bad');
                            CREATE DOMAIN data.positive AS int CHECK (VALUE > 0);
                            CREATE TABLE data.notes (id serial PRIMARY KEY, span data.span);
                            """)
                }
                // As PostGIS has it: a table that the extension's script made, which everybody may read.
                try await fixture.asSuperuser([
                    "CREATE TABLE data.spatial_ref_sys (srid int); CREATE TABLE data.platform (id int)",
                    "CREATE SEQUENCE data.spatial_seq", "ALTER EXTENSION hstore ADD TABLE data.spatial_ref_sys",
                    "ALTER EXTENSION hstore ADD SEQUENCE data.spatial_seq",
                    "GRANT SELECT ON data.spatial_ref_sys TO PUBLIC",
                ])
                let set = GrantSet(
                    preset, role: fixture.ready.app.userName, database: Self.database, schema: "data",
                    creators: [fixture.ready.developer.userName])
                let grants = GrantManager(client: client)
                let plan = try await grants.apply(set)
                #expect(!plan.statements.isEmpty && !plan.statements.contains { $0.contains("spatial") })
                #expect(plan.notes.contains { $0.contains("data.spatial_seq") && $0.contains("extension hstore") })
                #expect(plan.notes.contains { $0.contains("data.platform") && $0.contains("cloud_admin") })
                // Reading is everybody's, so that nothing is missing there.
                let noted = Self.notes(of: plan, on: "data.spatial_ref_sys")
                if preset == .readonly { #expect(noted.isEmpty) } else { #expect(noted.count == 1, "\(plan.notes)") }
                #expect(!plan.notes.contains { $0.contains("SELECT on table data.spatial_ref_sys") })
                #expect(plan.notes.count < 10, "\(plan.notes)")
                #expect(try await grants.verify(set).isEmpty)
                #expect(try await grants.apply(set).script.isEmpty)
                #expect(try await grants.leftOut(set) == plan.notes)
                try await grants.revoke(set)
                #expect(try await grants.revoke(set).statements.isEmpty)
                // An object that is named is meant.
                let named = GrantSet(
                    role: set.role, database: Self.database, schema: "data", privileges: [.table: [.insert]],
                    only: [.table: ["spatial_ref_sys"]])
                let error = await #expect(throws: GrantError.self) { try await grants.apply(named) }
                #expect(error?.code == .ineffective)
            }
        }
    }

    private static let aggregates = """
        CREATE SCHEMA data;
        CREATE FUNCTION data.final(state int8, share float8) RETURNS int8 LANGUAGE sql AS 'SELECT state';
        CREATE FUNCTION data.final(state int8, share int8) RETURNS int8 LANGUAGE sql AS 'SELECT state';
        CREATE AGGREGATE data.plain(int8) (SFUNC = int8pl, STYPE = int8, INITCOND = '0');
        CREATE AGGREGATE data."No Argument"(*) (SFUNC = int8inc, STYPE = int8, INITCOND = '0');
        CREATE AGGREGATE data.ordered(share float8 ORDER BY "value of" int8)
            (SFUNC = int8pl, STYPE = int8, INITCOND = '0', FINALFUNC = data.final);
        CREATE AGGREGATE data.hypothetical(int8 ORDER BY int8)
            (SFUNC = int8pl, STYPE = int8, INITCOND = '0', FINALFUNC = data.final, HYPOTHETICAL);
        CREATE PROCEDURE data.out(a int, OUT b int) LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION data.many(VARIADIC a int[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
        REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA data FROM PUBLIC;
        """

    @Test(arguments: [nil, "data"])
    func `aggregates without arguments and over ordered sets are granted, revoked and given to another owner`(
        schema: String?
    ) async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let (old, new) = ("old owner", "new owner")
                for role in [old, new] { try await client.query("CREATE ROLE \(identifier: role)") }
                let me = fixture.ready.developer.userName
                try await client.query("GRANT CREATE ON DATABASE databricks_postgres TO \(identifier: old)")
                try await client.query("GRANT \(identifier: old) TO \(identifier: me)")
                try await client.withTransaction { connection in
                    try await connection.query("SET LOCAL ROLE \(identifier: old)")
                    try await connection.execute(script: Self.aggregates)
                }
                let grants = GrantManager(client: client)
                let set = GrantSet(
                    .app, role: fixture.ready.app.userName, database: Self.database, schema: "data", creators: [old])
                try await grants.apply(set)
                #expect(try await grants.verify(set).isEmpty)
                #expect(try await grants.apply(set).script.isEmpty)
                try await grants.revoke(set)
                #expect(try await grants.facts(for: set).objects.allSatisfy { $0.granted.isEmpty })
                let plan = try await Ownership(client: client).transfer(from: old, to: new, schema: schema)
                #expect(plan.objects.count == 9, "\(plan.objects.map(\.words))")
                let owners = try await client.query(
                    """
                    SELECT DISTINCT pg_get_userbyid(proowner)::text FROM pg_proc
                    JOIN pg_namespace s ON s.oid = pronamespace WHERE nspname = 'data'
                    """
                ).decode(String.self)
                #expect(owners == [new])
            }
        }
    }

    @Test func `everything moves in whatever order the catalogue has it`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let (old, new) = ("old owner", "new owner")
                for role in [old, new] {
                    try await client.query("CREATE ROLE \(identifier: role)")
                    try await client.query(
                        "GRANT \(identifier: role) TO \(identifier: fixture.ready.developer.userName)")
                }
                // The schema gets its owner last, so that its row is behind those of what is in it.
                var script = ""
                for number in 0..<20 {
                    script += """
                        CREATE SCHEMA s\(number); GRANT CREATE ON SCHEMA s\(number) TO "\(old)";
                        CREATE TABLE s\(number).t (id serial); CREATE TYPE s\(number).mood AS ENUM ('good');
                        ALTER TABLE s\(number).t OWNER TO "\(old)"; ALTER TYPE s\(number).mood OWNER TO "\(old)";
                        ALTER SCHEMA s\(number) OWNER TO "\(old)";
                        """
                }
                let all = script
                try await fixture.asSuperuser([all])
                let plan = try await Ownership(client: client).transfer(from: old, to: new)
                #expect(plan.objects.count == 80, "\(plan.objects.count)")
                #expect(try await Ownership(client: client).holdings(of: [old]).owned.isEmpty)
            }
        }
    }

    /// The notes on an object.
    ///
    /// A function of its own, because the compiler (6.3.1) takes a closure in the test's body for one in an expectation of the same type.
    private static func notes(of plan: GrantPlan, on object: String) -> [String] {
        plan.notes.filter { $0.split(separator: " ").contains("\(object),") }
    }
}

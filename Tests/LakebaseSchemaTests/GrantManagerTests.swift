//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Lakebase
import LakebaseLocal
import Testing

@testable import LakebaseSchema

@Suite("Grants on real PostgreSQL", .serialized, .timeLimit(.minutes(5)))
struct GrantManagerTests {
    private static let database = "databricks_postgres"

    /// A schema with one of everything, which the developer owns.
    private func makeSchema(_ name: String, _ client: LakebaseClient) async throws {
        let schema = PQQuery.quoteIdentifier(name)
        try await client.withConnection { connection in
            try await connection.execute(
                script: """
                    CREATE SCHEMA \(schema);
                    CREATE TABLE \(schema)."A Table" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text);
                    CREATE SEQUENCE \(schema)."a;sequence";
                    CREATE VIEW \(schema).a_view AS SELECT 1 AS one;
                    CREATE FUNCTION \(schema)."Double"(a int, text text DEFAULT 'x') RETURNS int LANGUAGE sql AS 'SELECT a * 2';
                    REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA \(schema) FROM PUBLIC;
                    CREATE PROCEDURE \(schema).nothing() LANGUAGE sql AS 'SELECT 1';
                    """)
        }
    }

    @Test(arguments: GrantSet.Preset.allCases)
    func `preset is planned, applied, verified, works, and is taken back`(preset: GrantSet.Preset) async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                try await self.makeSchema("data", client)
                let app = fixture.ready.app.userName
                let set = GrantSet(
                    preset, role: app, database: Self.database, schema: "data",
                    creators: [fixture.ready.developer.userName])
                let grants = GrantManager(client: client)
                let before = try await grants.verify(set)
                #expect(!before.isEmpty)
                let plan = try await grants.plan(set)
                #expect(try await grants.apply(set) == plan)
                #expect(try await grants.verify(set).isEmpty)
                #expect(try await grants.apply(set).statements.isEmpty)
                // What is made afterwards has the same.
                try await client.query("CREATE TABLE data.later (id serial PRIMARY KEY)")
                #expect(try await grants.verify(set).isEmpty)

                try await fixture.client(.app) { application in
                    try await application.query("SELECT id FROM data.later")
                    let insert: PQQuery = "INSERT INTO data.later DEFAULT VALUES"
                    switch preset {
                    case .readonly:
                        let error = await #expect(throws: PQError.self) { try await application.query(insert) }
                        #expect(error?.sqlState == .insufficientPrivilege)
                    case .app, .migrator, .developer: try await application.query(insert)
                    }
                    switch preset {
                    case .readonly, .app:
                        let error = await #expect(throws: PQError.self) {
                            try await application.query("CREATE TABLE data.mine (id int)")
                        }
                        #expect(error?.sqlState == .insufficientPrivilege)
                    case .migrator, .developer:
                        try await application.query("CREATE TABLE data.mine (id int)")
                        try await application.query("DROP TABLE data.mine")
                    }
                }
                try await grants.revoke(set)
                #expect(try await grants.revoke(set).statements.isEmpty)
                #expect(try await grants.facts(for: set).objects.allSatisfy { $0.granted.isEmpty })
                let gone = await #expect(throws: (any Error).self) {
                    try await fixture.client(.app) { try await $0.query("SELECT id FROM data.later") }
                }
                #expect(gone != nil)
            }
        }
    }

    @Test func `grant that the server took and did not make is an error, and changes nothing`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                try await self.makeSchema("data", client)
                let app = fixture.ready.app.userName
                try await client.query("CREATE ROLE reader")
                // May use the sequence, and may not let others use it.
                for sql in [
                    "GRANT USAGE ON SCHEMA data TO \"\(app)\" WITH GRANT OPTION",
                    "GRANT SELECT ON ALL TABLES IN SCHEMA data TO \"\(app)\" WITH GRANT OPTION",
                    "GRANT SELECT ON ALL SEQUENCES IN SCHEMA data TO \"\(app)\"",
                ] {
                    try await client.query(PQQuery(unsafeSQL: sql))
                }
                try await fixture.client(.app) { application in
                    let set = GrantSet(
                        role: "reader", database: Self.database, schema: "data",
                        privileges: [.schema: [.usage], .table: [.select], .sequence: [.select]])
                    let grants = GrantManager(client: application)
                    let error = await #expect(throws: GrantError.self) { try await grants.apply(set) }
                    #expect(error?.code == .ineffective, "\(error.map { "\($0)" } ?? "")")
                    #expect(error?.missing.contains { $0.contains("data.\"a;sequence\"") } == true)
                    let facts = try await grants.facts(for: set)
                    #expect(facts.objects.allSatisfy { $0.granted.isEmpty })
                }
            }
        }
    }

    /// What the server keeps about privileges of a role, with the role's name taken out.
    private func privileges(_ role: String, _ client: LakebaseClient) async throws -> [String] {
        try await client.query(
            """
            SELECT kind || ' ' || name || ' ' || privilege_type || ' ' || is_grantable FROM (
                SELECT 'database' AS kind, datname::text AS name, datacl AS acl FROM pg_database
                UNION ALL SELECT 'schema', nspname, nspacl FROM pg_namespace
                UNION ALL SELECT 'class', relname, relacl FROM pg_class
                UNION ALL SELECT 'routine', proname, proacl FROM pg_proc
                UNION ALL SELECT 'default ' || defaclobjtype::text, pg_get_userbyid(defaclrole), defaclacl FROM pg_default_acl
            ) AS object, aclexplode(acl) AS item JOIN pg_roles ON pg_roles.oid = grantee
            WHERE rolname = \(role) ORDER BY 1
            """
        ).decode(String.self)
    }

    @Test func `developer has all that the guide of Databricks gives, now and on what is made later`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                try await self.makeSchema("data", client)
                // The guide's script, statement by statement.
                let (guided, ours) = ("guided@example.com", "ours@example.com")
                try await RoleManager(client: client).create(WantedRole(name: guided, identity: .user))
                var script = [
                    "GRANT CONNECT ON DATABASE databricks_postgres TO \"\(guided)\"",
                    "GRANT ALL ON SCHEMA data TO \"\(guided)\"",
                ]
                for kind in ["TABLES", "SEQUENCES", "FUNCTIONS", "PROCEDURES"] {
                    script.append("GRANT ALL PRIVILEGES ON ALL \(kind) IN SCHEMA data TO \"\(guided)\"")
                }
                for kind in ["TABLES", "SEQUENCES", "FUNCTIONS", "ROUTINES"] {
                    script.append("ALTER DEFAULT PRIVILEGES IN SCHEMA data GRANT ALL ON \(kind) TO \"\(guided)\"")
                }
                for sql in script { try await client.query(PQQuery(unsafeSQL: sql)) }

                let grants = GrantManager(client: client)
                let set = GrantSet(
                    .developer, role: ours, database: Self.database, schema: "data",
                    creators: [fixture.ready.developer.userName])
                let plan = try await grants.plan(set, creatingRole: .user)
                #expect(plan.newRole?.name == ours && plan.script.contains { $0.contains("databricks_create_role") })
                #expect(try await grants.apply(set, creatingRole: .user) == plan)
                #expect(try await grants.apply(set, creatingRole: .user).script.isEmpty)
                #expect(try await RoleManager(client: client).role(named: ours)?.identity == .user)
                try await client.query("CREATE TABLE data.later (id serial)")
                try await client.query("CREATE PROCEDURE data.later() LANGUAGE sql AS 'SELECT 1'")
                try await client.query("CREATE FUNCTION data.later2() RETURNS int LANGUAGE sql AS 'SELECT 1'")
                let expected = try await self.privileges(guided, client)
                #expect(expected.count > 30)
                #expect(try await self.privileges(ours, client) == expected)
            }
        }
    }

    @Test func `role that is made first is not made when the grants fail, or one is there that cannot serve`()
        async throws
    {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                try await self.makeSchema("data", client)
                let grants = GrantManager(client: client)
                let name = "new@example.com"
                let set = GrantSet(.app, role: name, database: Self.database, schema: "nowhere")
                let error = await #expect(throws: GrantError.self) { try await grants.apply(set, creatingRole: .user) }
                #expect(error?.code == .unknownSchema)
                #expect(try await RoleManager(client: client).role(named: name) == nil)
                try await client.query("CREATE ROLE \(identifier: name) LOGIN PASSWORD 'x'")
                let there = GrantSet(.app, role: name, database: Self.database, schema: "data")
                let conflict = await #expect(throws: RoleError.self) {
                    try await grants.apply(there, creatingRole: .user)
                }
                #expect(conflict?.code == .conflict)
                #expect(try await grants.facts(for: there).objects.allSatisfy { $0.granted.isEmpty })
            }
        }
    }

    @Test func `grants on named objects are for these alone`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                try await self.makeSchema("data", client)
                try await client.query("CREATE ROLE reader")
                let grants = GrantManager(client: client)
                var set = GrantSet(
                    role: "reader", database: Self.database, schema: "data",
                    privileges: [.schema: [.usage], .table: [.select], .sequence: [.usage], .routine: [.execute]],
                    only: [.table: ["A Table"], .sequence: ["a;sequence"], .routine: ["Double"]],
                    creators: [fixture.ready.developer.userName])
                let statements = try await grants.apply(set).statements
                #expect(statements.count == 4 && !statements.contains { $0.contains("DEFAULT") }, "\(statements)")
                let granted = try await grants.facts(for: set).objects.filter { !$0.granted.isEmpty }.map(\.name)
                #expect(Set(granted) == ["data", "A Table", "a;sequence", "Double"])
                #expect(try await grants.verify(set).isEmpty)
                set.only[.table] = ["A Table", "x\"; DROP TABLE data.\"A Table\"; --"]
                let error = await #expect(throws: GrantError.self) { try await grants.apply(set) }
                #expect(error?.code == .unknownObject)
            }
        }
    }

    @Test func `schemas and roles may have any name, and no name is SQL`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                try await client.query("CREATE TABLE canary (id int)")
                let developer = fixture.ready.developer.userName
                let grants = GrantManager(client: client)
                for name in awkwardNames {
                    try await self.makeSchema(name, client)
                    let role = "role " + name
                    try await client.query("CREATE ROLE \(identifier: role)")
                    let set = GrantSet(
                        .developer, role: role, database: Self.database, schema: name, creators: [developer])
                    try await grants.apply(set)
                    #expect(try await grants.verify(set).isEmpty, "\(name)")
                    try await grants.revoke(set)
                    #expect(try await grants.verify(set).count >= 8, "\(name)")
                }
                let canary = try await client.query("SELECT count(*) FROM pg_class WHERE relname = 'canary'")
                #expect(try canary.decode(Int64.self).first == Int64(1))
                let unknown = await #expect(throws: GrantError.self) {
                    try await grants.apply(
                        GrantSet(.app, role: "x\"; DROP TABLE canary; --", database: Self.database, schema: "public"))
                }
                #expect(unknown?.code == .unknownRole)
            }
        }
    }
}

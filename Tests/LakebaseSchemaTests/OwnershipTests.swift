//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Lakebase
import LakebaseLocal
import Testing

@testable import LakebaseSchema

@Suite("Owners on real PostgreSQL", .serialized, .timeLimit(.minutes(5)))
struct OwnershipTests {
    /// A service principal with a role of its own.
    private struct App: Sendable {
        var id: String
        var role: String
        var variables: [String: String]
    }

    private func makeApp(_ name: String, _ fixture: SchemaFixture, _ client: LakebaseClient) async throws -> App {
        let workspace = try fixture.workspace()
        let principal = try await workspace.servicePrincipals.create(.init(displayName: name))
        let (id, role) = (try #require(principal.id), try #require(principal.applicationID))
        let secret = try #require(
            try await workspace.servicePrincipalSecrets.create(forServicePrincipal: id).secret)
        try await RoleManager(client: client).create(WantedRole(name: role, identity: .servicePrincipal))
        try await client.query("GRANT CONNECT, CREATE ON DATABASE databricks_postgres TO \(identifier: role)")
        return App(
            id: id, role: role,
            variables: [
                "DATABRICKS_CLIENT_ID": role, "DATABRICKS_CLIENT_SECRET": secret.withUnsafeValue { $0 }, "PGUSER": role,
            ])
    }

    private static let script = """
        CREATE SCHEMA "App's ""schema""\";
        SET search_path TO "App's ""schema""\";
        CREATE TABLE "Notes; --" (id serial PRIMARY KEY, other int GENERATED ALWAYS AS IDENTITY, text text);
        CREATE INDEX "Notes text" ON "Notes; --" (text);
        CREATE SEQUENCE "free seq";
        CREATE VIEW "A View" AS SELECT * FROM "Notes; --";
        CREATE MATERIALIZED VIEW "M View" AS SELECT 1 AS one;
        CREATE TABLE parts (id int) PARTITION BY RANGE (id);
        CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (9);
        CREATE TYPE "Mood" AS ENUM ('good', 'bad');
        CREATE TYPE pair AS (a int, b int);
        CREATE DOMAIN "Positive" AS int CHECK (VALUE > 0);
        CREATE FUNCTION "Double"(a int, "B b" "Mood" DEFAULT 'good') RETURNS int LANGUAGE sql AS 'SELECT a * 2';
        CREATE PROCEDURE nothing() LANGUAGE sql AS 'SELECT 1';
        CREATE AGGREGATE "Sum"(int) (SFUNC = int4pl, STYPE = int);
        CREATE STATISTICS stat ON id, other FROM "Notes; --";
        CREATE TEXT SEARCH CONFIGURATION conf (COPY = english);
        CREATE COLLATION coll FROM "C";
        INSERT INTO "Notes; --" (text) VALUES ('first');
        """
    private static let schema = "App's \"schema\""

    /// Everything that a role owns anywhere in the database, counted by the server itself.
    private func count(_ role: String, _ client: LakebaseClient) async throws -> Int64? {
        try await client.query(
            """
            SELECT count(*) FROM pg_shdepend JOIN pg_roles ON pg_roles.oid = refobjid
            WHERE deptype = 'o' AND rolname = \(role) AND classid <> 'pg_default_acl'::regclass
            """
        ).decode(Int64.self).first
    }

    @Test(arguments: [nil, OwnershipTests.schema])
    func `new service principal takes over what the old one made, rows and all`(schema: String?) async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let (old, new) = (
                    try await self.makeApp("old", fixture, client), try await self.makeApp("new", fixture, client)
                )
                try await fixture.client(.app, more: old.variables) { app in
                    try await app.withConnection { try await $0.execute(script: Self.script) }
                    if schema != nil { try await app.query("CREATE SCHEMA \"old's other\"") }
                }
                let alter: PQQuery = "ALTER TABLE \(identifier: Self.schema).\"Notes; --\" ADD more text"
                try await fixture.client(.app, more: new.variables) { app in
                    // What it is all about: no privilege makes an owner.
                    try await GrantManager(client: client).applyAsOwner(old.role, to: new.role, schema: Self.schema)
                    let error = await #expect(throws: PQError.self) { try await app.query(alter) }
                    #expect(error?.sqlState == .insufficientPrivilege)
                }
                let ownership = Ownership(client: client)
                let before = try #require(try await self.count(old.role, client))
                let plan = try await ownership.planTransfer(from: old.role, to: new.role, schema: schema)
                #expect(try await self.count(old.role, client) == before)
                #expect(plan.objects.count == Int(before) - (schema == nil ? 0 : 1), "\(plan.objects.map(\.words))")
                #expect(plan.statements.contains { $0.hasPrefix("REASSIGN OWNED") } == (schema == nil))
                #expect(plan.left.isEmpty, "\(plan.left)")
                #expect(try await ownership.transfer(from: old.role, to: new.role, schema: schema) == plan)
                #expect(try await self.count(old.role, client) == (schema == nil ? 0 : 1))
                #expect(try await self.count(new.role, client) == Int64(plan.objects.count))
                #expect(
                    try await ownership.transfer(from: old.role, to: new.role, schema: schema).statements.isEmpty)
                // Nobody keeps a membership that was for the transaction.
                let holdings = try await ownership.holdings(of: [old.role, new.role])
                #expect(holdings.roles.count == 2 && holdings.roles.allSatisfy { !$0.isOurs })
                try await fixture.client(.app, more: new.variables) { app in
                    try await app.query(alter)
                    let rows = try await app.query(
                        "INSERT INTO \(identifier: Self.schema).\"Notes; --\" (text) VALUES ('second') RETURNING id")
                    #expect(try rows.decode(Int32.self) == [Int32(2)])
                    try await app.query("REFRESH MATERIALIZED VIEW \(identifier: Self.schema).\"M View\"")
                }
                let refused = await #expect(throws: (any Error).self) {
                    try await fixture.client(.app, more: old.variables) { try await $0.query(alter) }
                }
                #expect(refused != nil)
            }
        }
    }

    @Test func `who has not the right changes nothing and is told what it takes`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let old = try await self.makeApp("old", fixture, client)
                try await fixture.client(.app, more: old.variables) { app in
                    try await app.query("CREATE SCHEMA mine")
                    try await app.query("CREATE TABLE mine.t (id int)")
                    let developer = fixture.ready.developer.userName
                    let error = await #expect(throws: RoleError.self) {
                        try await Ownership(client: app).transfer(from: old.role, to: developer)
                    }
                    #expect(error?.code == .notAllowed)
                    #expect(
                        error?.statement == "GRANT \"\(developer)\" TO \"\(old.role)\"", "\(error?.statement ?? "")")
                }
                let ownership = Ownership(client: client)
                for (from, to) in [(old.role, "x\"; DROP SCHEMA mine CASCADE; --"), ("nobody", old.role)] {
                    let error = await #expect(throws: RoleError.self) {
                        try await ownership.transfer(from: from, to: to)
                    }
                    #expect(error?.code == .unknownRole)
                }
                let schema = await #expect(throws: RoleError.self) {
                    try await ownership.planTransfer(
                        from: old.role, to: fixture.ready.developer.userName, schema: "mine\"; --")
                }
                #expect(schema?.code == .unknownSchema)
                #expect(try await self.count(old.role, client) == 2)
            }
        }
    }

    @Test func `owner who may not create in a schema gets nothing of it, and nothing is half done`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let (old, new) = (
                    try await self.makeApp("old", fixture, client), try await self.makeApp("new", fixture, client)
                )
                try await client.query("CREATE SCHEMA shared")
                try await client.query("GRANT USAGE, CREATE ON SCHEMA shared TO \(identifier: old.role)")
                try await fixture.client(.app, more: old.variables) { app in
                    try await app.query("CREATE TABLE shared.a (id int)")
                    try await app.query("CREATE TABLE shared.b (id int)")
                }
                let ownership = Ownership(client: client)
                let error = await #expect(throws: RoleError.self) {
                    try await ownership.transfer(from: old.role, to: new.role, schema: "shared")
                }
                #expect(error?.code == .notAllowed && error?.statement?.hasPrefix("ALTER TABLE shared.a") == true)
                #expect(try await self.count(old.role, client) == 2)
                #expect(try await ownership.holdings(of: [old.role]).roles.allSatisfy { !$0.isOurs })
                try await client.query("GRANT CREATE ON SCHEMA shared TO \(identifier: new.role)")
                try await ownership.transfer(from: old.role, to: new.role, schema: "shared")
                #expect(try await self.count(new.role, client) == 2)
            }
        }
    }

    @Test func `what a lost service principal left is found, transferred and gone`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let (old, new) = (
                    try await self.makeApp("old", fixture, client), try await self.makeApp("new", fixture, client)
                )
                let workspace = try fixture.workspace()
                try await fixture.client(.app, more: old.variables) { app in
                    try await app.withConnection { try await $0.execute(script: Self.script) }
                    try await app.query(
                        "ALTER DEFAULT PRIVILEGES IN SCHEMA \(identifier: Self.schema) GRANT SELECT ON TABLES TO \(identifier: new.role)"
                    )
                }
                let finder = OrphanFinder(client: client, workspace: workspace)
                #expect(try await finder.find().orphans.isEmpty)
                // The app is deleted, and its service principal with it.
                try await workspace.servicePrincipals.delete(old.id)
                #expect(try await OrphanFinder(client: client).find().orphans.isEmpty)
                let found = try #require(try await finder.find().orphans.first)
                #expect(found.role == old.role && found.reason == .identityGone)
                #expect(Int64(found.owned.count) == (try await self.count(old.role, client)))
                #expect(found.owned.contains { $0.type == "table" && $0.schema == Self.schema })
                #expect(found.defaults.count == 1 && found.granted.contains { $0.type == "database" })

                let plan = try await Ownership(client: client).transfer(from: old.role, to: new.role)
                #expect(plan.left.count == 1 && plan.left[0].contains("default privileges"))
                let rest = try #require(try await finder.find().orphans.first)
                #expect(rest.owned.isEmpty && rest.remedy == "lakebase roles delete ROLE")
                try await RoleManager(client: client).delete(old.role, owning: client)
                #expect(try await finder.find().orphans.isEmpty)
                #expect(try await self.count(new.role, client) == Int64(plan.objects.count))
            }
        }
    }

    @Test func `roles that nobody can be, and default privileges of roles that make nothing, are found`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                try await RoleManager(client: client).create(WantedRole(name: "ann@example.com", identity: .user))
                let id = "6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10"
                for sql in [
                    "CREATE SCHEMA s", "CREATE TABLE s.t (id int)", "CREATE ROLE dead", "CREATE ROLE shared",
                    "GRANT shared TO \"ann@example.com\"", "CREATE ROLE \"\(id)\" LOGIN",
                    "GRANT SELECT ON s.t TO dead, shared, \"\(id)\"",
                    "ALTER DEFAULT PRIVILEGES FOR ROLE \"ann@example.com\" IN SCHEMA s GRANT SELECT ON TABLES TO shared",
                ] {
                    if sql.hasPrefix("ALTER") {
                        let me = fixture.ready.developer.userName
                        try await client.query(PQQuery(unsafeSQL: "GRANT \"ann@example.com\" TO \"\(me)\""))
                    }
                    try await client.query(PQQuery(unsafeSQL: sql))
                }
                let report = try await OrphanFinder(client: client).find()
                #expect(report.orphans.map(\.role) == [id, "dead"])
                #expect(report.orphans.map(\.reason) == [.notLinked, .unreachable])
                #expect(report.orphans.allSatisfy { $0.granted.map(\.words) == ["table s.t"] })
                #expect(report.idleDefaults.map(\.creator) == ["ann@example.com"])
                #expect(report.unchecked.contains("ann@example.com"))
                try await client.query("GRANT CREATE ON SCHEMA s TO \"ann@example.com\"")
                #expect(try await OrphanFinder(client: client).find().idleDefaults.isEmpty)
            }
        }
    }

    @Test func `databases, schemas and roles may have any name, and no name is SQL`() async throws {
        try await SchemaFixture.with { fixture in
            let developer = fixture.ready.developer.userName
            for name in awkwardNames {
                _ = try await fixture.client { try await $0.query("CREATE DATABASE \(identifier: name)") }
                try await fixture.client(more: ["PGDATABASE": name]) { client in
                    try await client.query("CREATE TABLE canary (id int)")
                    let (from, to) = ("from " + name, "to " + name)
                    let roles = RoleManager(client: client)
                    for role in [from, to] { try await roles.create(WantedRole(name: role, identity: .group)) }
                    let schema = name == "select" ? name : "schema " + name
                    // A migration makes what the first role owns.
                    try await client.query("GRANT CREATE ON DATABASE \(identifier: name) TO \(identifier: from)")
                    try await client.query("GRANT \(identifier: from) TO \(identifier: developer)")
                    let migration = try Migration(
                        version: 1, name: "m",
                        up:
                            "CREATE SCHEMA \(PQQuery.quoteIdentifier(schema)); CREATE TABLE \(PQQuery.quoteIdentifier(schema)).\(PQQuery.quoteIdentifier(name)) (id serial)"
                    )
                    let migrator = Migrator(
                        client: client, options: .init(historySchema: "history " + name, owner: from),
                        logger: SchemaFixture.logger)
                    #expect(try await migrator.up([migration]).owner == from)
                    #expect(try await migrator.status([migration]).isComplete)
                    try await client.query("REVOKE \(identifier: from) FROM \(identifier: developer)")

                    let ownership = Ownership(client: client)
                    #expect(
                        try await ownership.transfer(from: from, to: to, schema: schema).objects.count == 3, "\(name)")
                    #expect(try await ownership.transfer(from: from, to: to).objects.count == 2, "\(name)")
                    try await client.query("GRANT \(identifier: to) TO \(identifier: developer)")
                    let grants = GrantManager(client: client)
                    let set = GrantSet(.app, role: from, database: name, schema: schema, creators: [to])
                    try await grants.apply(set)
                    #expect(try await grants.verify(set).isEmpty, "\(name)")
                    #expect(try await OrphanFinder(client: client).find().orphans.isEmpty)
                    let losses = try await roles.planDeletion(from, owning: client).losses
                    #expect(losses.count == 7, "\(name): \(losses)")
                    try await roles.delete(from, owning: client)
                    try await ownership.transfer(from: to, to: developer)
                    try await roles.delete(to, owning: client)
                    #expect(try await client.query("SELECT id FROM canary").isEmpty)
                }
            }
        }
    }
}

extension GrantManager {
    /// Everything that can be granted, as the owner would give it.
    fileprivate func applyAsOwner(_ owner: String, to role: String, schema: String) async throws {
        try await self.client.withTransaction { connection in
            let me = try await connection.query("SELECT current_user::text").decode(String.self).first ?? ""
            try await connection.query("GRANT \(identifier: owner) TO \(identifier: me)")
            try await connection.query("GRANT ALL ON SCHEMA \(identifier: schema) TO \(identifier: role)")
            try await connection.query("GRANT ALL ON ALL TABLES IN SCHEMA \(identifier: schema) TO \(identifier: role)")
            try await connection.query("REVOKE \(identifier: owner) FROM \(identifier: me)")
        }
    }
}

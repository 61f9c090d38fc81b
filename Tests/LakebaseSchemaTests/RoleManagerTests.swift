//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Lakebase
import LakebaseLocal
import Testing

@testable import LakebaseSchema

@Suite("Roles on a local Lakebase", .serialized, .timeLimit(.minutes(5)))
struct RoleManagerTests {
    /// The ways to make a role.
    enum Way: String, CaseIterable, Sendable { case branch, instance, sql }

    private func with(
        _ way: Way, _ body: @Sendable (RoleManager, LakebaseClient, SchemaFixture) async throws -> Void
    ) async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let workspace = try fixture.workspace()
                let manager =
                    switch way {
                    case .branch:
                        RoleManager(workspace: workspace, place: .branch("projects/local/branches/production"))
                    case .instance: RoleManager(workspace: workspace, place: .instance("local"))
                    case .sql: RoleManager(client: client)
                    }
                try await body(manager, client, fixture)
            }
        }
    }

    @Test(arguments: Way.allCases)
    func `roles for identities are made once, listed, log in, and are deleted`(way: Way) async throws {
        try await self.with(way) { manager, client, fixture in
            let principal = try await fixture.workspace().servicePrincipals.create(.init(displayName: "app"))
            let wanted = [
                try WantedRole(name: try #require(principal.applicationID), identity: .servicePrincipal),
                try WantedRole(name: "ann@example.com", identity: .user),
                try WantedRole(name: "The \"Group\"; --", identity: .group),
            ]
            for role in wanted {
                // By this API nobody can say how the role of a group logs in.
                if way == .instance, role.identity == .group { continue }
                #expect(try await manager.plan(role) == .create(role))
                let first = try await manager.create(role)
                #expect(first.isNew && first.role.name == role.name && first.role.identity == role.identity)
                #expect(first.role.login == (way == .instance ? .unknown : .oauth))
                #expect(!first.role.isSuperuser && !first.role.createsRoles && !first.role.createsDatabases)
                let second = try await manager.create(role)
                #expect(!second.isNew && second.role == first.role)
                #expect(try await manager.roles().contains(first.role))
                // What one way makes, the others see.
                let bySQL = try #require(try await RoleManager(client: client).role(named: role.name))
                #expect(bySQL.login == (way == .sql ? .oauth : bySQL.login))
                try await manager.delete(role.name, owning: client)
                #expect(try await manager.role(named: role.name) == nil)
                let gone = try await client.query("SELECT 1 FROM pg_roles WHERE rolname = \(role.name)")
                #expect(gone.isEmpty)
            }
            let roles = try await manager.roles()
            #expect(roles.contains { $0.name == fixture.ready.developer.userName && $0.isSuperuser && $0.createsRoles })
            #expect(!roles.contains { $0.name.hasPrefix("pg_") || $0.name.hasPrefix("databricks_") })
        }
    }

    @Test(arguments: Way.allCases)
    func `role of another kind or with another login is reported and left alone`(way: Way) async throws {
        try await self.with(way) { manager, client, _ in
            let id = "6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10"
            let mail = "eve@example.com"
            try await client.query("CREATE ROLE \(identifier: id) LOGIN PASSWORD 'x'")
            try await client.query("CREATE ROLE \(identifier: mail) NOLOGIN")
            try await RoleManager(client: client).create(WantedRole(name: "a@b", identity: .user))
            try await client.query("CREATE SCHEMA s AUTHORIZATION CURRENT_USER")
            try await client.query("GRANT USAGE ON SCHEMA s TO \(identifier: id), \(identifier: mail), \"a@b\"")
            let before = try await client.query("SELECT nspacl::text FROM pg_namespace WHERE nspname = 's'")
                .decode(String.self)
            for wanted in [
                try WantedRole(name: id, identity: .servicePrincipal), try WantedRole(name: mail, identity: .user),
                try WantedRole(name: "a@b", identity: .group),
            ] {
                let error = await #expect(throws: RoleError.self) { try await manager.create(wanted) }
                #expect(error?.code == .conflict && error?.message.contains("left as it is") == true, "\(wanted.name)")
            }
            let after = try await client.query("SELECT nspacl::text FROM pg_namespace WHERE nspname = 's'")
                .decode(String.self)
            #expect(before == after)
            let logins = try await client.query(
                "SELECT rolcanlogin FROM pg_roles WHERE rolname IN (\(id), \(mail)) ORDER BY rolname"
            ).decode(Bool.self)
            #expect(logins == [true, false])
        }
    }

    @Test(arguments: Way.allCases)
    func `role that owns something is not deleted, and one that was given something is`(way: Way) async throws {
        try await self.with(way) { manager, client, fixture in
            let name = "ann@example.com"
            try await RoleManager(client: client).create(WantedRole(name: name, identity: .user))
            let developer = fixture.ready.developer.userName
            for sql in [
                "CREATE SCHEMA \"Sch ema\"", "GRANT \"\(name)\" TO \"\(developer)\"",
                "CREATE TABLE \"Sch ema\".\"A Table\" (id serial, text text)",
                "CREATE TABLE \"Sch ema\".other (id int, text text)",
                "CREATE FUNCTION \"Sch ema\".f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "GRANT CREATE, USAGE ON SCHEMA \"Sch ema\" TO \"\(name)\"",
                "ALTER TABLE \"Sch ema\".\"A Table\" OWNER TO \"\(name)\"", "REVOKE \"\(name)\" FROM \"\(developer)\"",
                "GRANT SELECT (id), UPDATE (text) ON \"Sch ema\".other TO \"\(name)\"",
                "GRANT EXECUTE ON FUNCTION \"Sch ema\".f(int) TO \"\(name)\"",
                "GRANT CONNECT ON DATABASE databricks_postgres TO \"\(name)\"",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA \"Sch ema\" GRANT SELECT ON TABLES TO \"\(name)\"",
            ] {
                try await client.query(PQQuery(unsafeSQL: sql))
            }
            let error = await #expect(throws: RoleError.self) { try await manager.delete(name, owning: client) }
            #expect(error?.code == .inUse)
            #expect(error?.objects.contains("table \"Sch ema\".\"A Table\"") == true, "\(error?.objects ?? [])")
            #expect(try await manager.role(named: name) != nil)

            try await Ownership(client: client).transfer(from: name, to: developer)
            let plan = try await manager.planDeletion(name, owning: client)
            #expect(plan.losses.count == 5, "\(plan.losses)")
            #expect(plan.statements.isEmpty == (way != .sql))
            try await manager.delete(name, owning: client)
            #expect(try await manager.role(named: name) == nil)
            let tables = try await client.query(
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'Sch ema' ORDER BY 1"
            ).decode(String.self)
            #expect(tables == ["A Table", "other"])
            let missing = await #expect(throws: RoleError.self) { try await manager.delete(name, owning: client) }
            #expect(missing?.code == .unknownRole)
        }
    }

    @Test func `names are not SQL, and a user that may not create roles is told`() async throws {
        try await self.with(.sql) { manager, client, fixture in
            try await client.query("CREATE TABLE canary (id int)")
            let count: PQQuery = "SELECT count(*) FROM pg_roles"
            for name in awkwardNames {
                let wanted = try WantedRole(name: name, identity: .group)
                #expect(try await manager.create(wanted).isNew, "\(name)")
                #expect(try await !manager.create(wanted).isNew, "\(name)")
                #expect(try await manager.role(named: name)?.identity == .group)
            }
            for name in awkwardNames { try await manager.delete(name, owning: client) }
            let before = try await client.query(count).decode(Int64.self)
            for name in ["x'); DROP TABLE canary; --", "x\"; DROP ROLE app; --"] {
                let wanted = try WantedRole(name: name, identity: .group)
                try await manager.create(wanted)
                try await manager.delete(name, owning: client)
            }
            #expect(try await client.query(count).decode(Int64.self) == before)
            #expect(try await client.query("SELECT id FROM canary").isEmpty)
            try await fixture.client(.app) { application in
                let error = await #expect(throws: RoleError.self) {
                    try await RoleManager(client: application).create(WantedRole(name: "a@b", identity: .user))
                }
                #expect(error?.code == .notAllowed && error?.remedy?.contains("CREATEROLE") == true)
            }
        }
    }

    @Test func `many that make the same role at once make one`() async throws {
        try await self.with(.branch) { manager, client, _ in
            let wanted = try WantedRole(name: "ann@example.com", identity: .user)
            for maker in [manager, RoleManager(client: client)] {
                let new = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<5 { group.addTask { try await maker.create(wanted).isNew } }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(new >= 1)
                let count = try await client.query("SELECT count(*) FROM pg_roles WHERE rolname = \(wanted.name)")
                #expect(try count.decode(Int64.self) == [Int64(1)])
                try await maker.delete(wanted.name, owning: client)
            }
        }
    }
}

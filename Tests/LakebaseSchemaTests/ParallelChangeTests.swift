//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Lakebase
import LakebaseLocal
import Testing

@testable import LakebaseSchema

@Suite("Grants and roles by many at once", .serialized, .timeLimit(.minutes(5)))
struct ParallelChangeTests {
    private static let database = "databricks_postgres"

    private func makeSchema(_ client: LakebaseClient, roles: [String]) async throws {
        try await client.withConnection { connection in
            try await connection.execute(
                script: """
                    CREATE SCHEMA data; CREATE TABLE data.a (id serial PRIMARY KEY); CREATE TABLE data.b (id serial);
                    CREATE FUNCTION data.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
                    """)
            for role in roles { try await connection.query("CREATE ROLE \(identifier: role)") }
        }
    }

    @Test func `twenty that apply grants at once all succeed, and each role has what it is to have`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let roles = (0..<10).map { "reader \($0)" }
                try await self.makeSchema(client, roles: roles)
                let developer = fixture.ready.developer.userName
                let sets = roles.map {
                    GrantSet(.app, role: $0, database: Self.database, schema: "data", creators: [developer])
                }
                let grants = GrantManager(client: client)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 { group.addTask { try await grants.apply(sets[number % 10]) } }
                    try await group.waitForAll()
                }
                for set in sets { #expect(try await grants.verify(set).isEmpty, "\(set.role)") }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 { group.addTask { try await grants.revoke(sets[number % 10]) } }
                    try await group.waitForAll()
                }
                for set in sets {
                    #expect(try await grants.facts(for: set).objects.allSatisfy { $0.granted.isEmpty }, "\(set.role)")
                }
            }
        }
    }

    @Test func `another program that grants without the lock only makes it try again`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                try await self.makeSchema(client, roles: ["ours", "theirs"])
                let grants = GrantManager(client: client)
                let set = GrantSet(.app, role: "ours", database: Self.database, schema: "data")
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        // Ends with the group.
                        while !Task.isCancelled {
                            for verb in ["GRANT SELECT ON data.a TO theirs", "REVOKE SELECT ON data.a FROM theirs"] {
                                do {
                                    _ = try await client.query(PQQuery(unsafeSQL: verb))
                                } catch let error as PQError where error.sqlState == .internalError {
                                    // It is as much in the way of the other as the other is in its.
                                }
                            }
                        }
                        return false
                    }
                    group.addTask {
                        for _ in 0..<30 {
                            try await grants.apply(set)
                            try await grants.revoke(set)
                        }
                        return true
                    }
                    while let isDone = try await group.next(), !isDone {}
                    group.cancelAll()
                    do { try await group.waitForAll() } catch is CancellationError {}
                }
            }
        }
    }

    @Test func `a role is never seen without its link while another one makes it`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let wanted = try WantedRole(name: "ann@example.com", identity: .user)
                let manager = RoleManager(client: client)
                try await manager.create(wanted)
                try await manager.delete(wanted.name, owning: client)
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        while !Task.isCancelled {
                            let role = try await manager.role(named: wanted.name)
                            #expect(role == nil || role?.identity == .user, "\(role.map { $0.words } ?? "")")
                        }
                        return false
                    }
                    group.addTask {
                        for _ in 0..<60 {
                            try await manager.create(wanted)
                            try await client.query("DROP ROLE \(identifier: wanted.name)")
                        }
                        return true
                    }
                    while let isDone = try await group.next(), !isDone {}
                    group.cancelAll()
                    do { try await group.waitForAll() } catch is CancellationError {}
                }
            }
        }
    }

    @Test func `a role that is linked to nothing is looked at again before it is called foreign`() async throws {
        let wanted = try WantedRole(name: "ann@example.com", identity: .user)
        let half = DatabaseRole(name: wanted.name, identity: nil, login: .password)
        let whole = DatabaseRole(name: wanted.name, identity: .user, login: .oauth)
        var looks = 0
        let plan = try await RoleSighting.plan(wanted) {
            looks += 1
            return looks < 3 ? half : whole
        }
        #expect(plan == .keep(whole) && looks == 3)
        // One that stays so is foreign, and one of another kind at once.
        looks = 0
        let foreign = try await RoleSighting.plan(wanted) {
            looks += 1
            return half
        }
        #expect(foreign == .conflict(wanted: wanted, found: half) && looks == RoleSighting.pauses.count + 1)
        let group = DatabaseRole(name: wanted.name, identity: .group, login: .oauth)
        looks = 0
        let other = try await RoleSighting.plan(wanted) {
            looks += 1
            return group
        }
        #expect(other == .conflict(wanted: wanted, found: group) && looks == 1)
    }

    @Test func `names are told apart by their bytes`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                // The same to a reader and to Swift, two to PostgreSQL.
                let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
                #expect(composed == decomposed)
                let manager = RoleManager(client: client)
                try await client.query("CREATE ROLE \(identifier: decomposed) LOGIN PASSWORD 'x'")
                let wanted = try WantedRole(name: composed, identity: .group)
                #expect(try await manager.create(wanted).isNew)
                #expect(try await manager.role(named: decomposed)?.identity == nil)
                #expect(try await manager.role(named: composed)?.identity == .group)
                try await client.query("CREATE SCHEMA data")
                try await client.query("CREATE TABLE data.\(identifier: composed) (id int)")
                let set = GrantSet(
                    role: decomposed, database: Self.database, schema: "data", privileges: [.table: [.select]],
                    only: [.table: [decomposed]])
                let error = await #expect(throws: GrantError.self) { try await GrantManager(client: client).apply(set) }
                #expect(error?.code == .unknownObject)
                // A transfer between the two is one between two roles.
                try await client.query(
                    "GRANT \(identifier: composed) TO \(identifier: fixture.ready.developer.userName)")
                try await client.query("ALTER TABLE data.\(identifier: composed) OWNER TO CURRENT_USER")
                let plan = try await Ownership(client: client).planTransfer(from: composed, to: decomposed)
                #expect(plan.objects.isEmpty)
            }
        }
    }
}

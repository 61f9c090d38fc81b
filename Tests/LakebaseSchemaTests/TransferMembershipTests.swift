//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Lakebase
import LakebaseLocal
import Testing

@testable import LakebaseSchema

@Suite("Memberships that a transfer takes for its own length", .serialized, .timeLimit(.minutes(5)))
struct TransferMembershipTests {
    /// All memberships of a role, with their options where the server has some.
    private func memberships(_ role: String, _ client: LakebaseClient) async throws -> [String] {
        try await client.query(
            """
            SELECT pg_get_userbyid(link.roleid) || ' by ' || pg_get_userbyid(link.grantor) || ' '
                || (to_jsonb(link) - 'oid' - 'roleid' - 'member' - 'grantor')::text
            FROM pg_auth_members AS link WHERE pg_get_userbyid(link.member) = \(role) ORDER BY 1
            """
        ).decode(String.self)
    }

    private static let hasOptions: ConditionTrait = .enabled("before PostgreSQL 16 memberships have no options") {
        try await SchemaFixture.postgresVersion() >= 16
    }

    private static let hasNoOptions: ConditionTrait = .enabled("from PostgreSQL 16 on memberships have options") {
        try await SchemaFixture.postgresVersion() < 16
    }

    @Test func `transfer leaves no membership where there was none`() async throws {
        try await self.transferLeavesMemberships(options: "")
    }

    @Test(
        hasOptions,
        arguments: [
            "INHERIT FALSE, SET TRUE", "INHERIT TRUE, SET FALSE", "INHERIT FALSE, SET FALSE", "ADMIN TRUE",
        ])
    func `transfer leaves every membership as it was`(options: String) async throws {
        try await self.transferLeavesMemberships(options: options)
    }

    /// - Parameter options: Those of the membership in the old owner that the role that works has before; empty for no membership.
    private func transferLeavesMemberships(options: String) async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let me = fixture.ready.developer.userName
                for role in ["old", "new"] { try await client.query("CREATE ROLE \(identifier: role)") }
                try await fixture.asSuperuser([
                    "CREATE SCHEMA data AUTHORIZATION old", "CREATE TABLE data.t (id int)",
                    "ALTER TABLE data.t OWNER TO old",
                ])
                if options == "ADMIN TRUE" {
                    // By another grantor, which is not the one in whose name the transfer works.
                    try await fixture.asSuperuser(["GRANT old TO \"\(me)\" WITH ADMIN TRUE, INHERIT FALSE, SET TRUE"])
                } else if !options.isEmpty {
                    try await client.query(PQQuery(unsafeSQL: "GRANT old TO \"\(me)\" WITH \(options)"))
                }
                let before = try await self.memberships(me, client)
                let plan = try await Ownership(client: client).transfer(from: "old", to: "new")
                #expect(plan.objects.count == 2 && !plan.statements.isEmpty)
                #expect(try await self.memberships(me, client) == before, "\(plan.statements)")
                let back = try await Ownership(client: client).transfer(from: "new", to: "old", schema: "data")
                #expect(back.objects.count == 2)
                #expect(try await self.memberships(me, client) == before, "\(back.statements)")
                // Deleting takes memberships too, in roles that have given default privileges.
                try await fixture.asSuperuser([
                    "ALTER DEFAULT PRIVILEGES FOR ROLE old IN SCHEMA data GRANT SELECT ON TABLES TO new"
                ])
                let manager = RoleManager(client: client)
                try await manager.delete("new", owning: client)
                let rest = before.filter { !$0.hasPrefix("new by ") }
                #expect(try await self.memberships(me, client) == rest)
            }
        }
    }

    @Test(hasNoOptions) func `a member that inherits nothing keeps its membership and is told`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                let me = fixture.ready.developer.userName
                for role in ["old", "new"] {
                    try await client.query("CREATE ROLE \(identifier: role)")
                    try await client.query("GRANT \(identifier: role) TO \(identifier: me)")
                }
                try await fixture.asSuperuser(["CREATE SCHEMA data AUTHORIZATION old; ALTER ROLE \"\(me)\" NOINHERIT"])
                let before = try await self.memberships(me, client)
                #expect(before.contains { $0.hasPrefix("old by ") })
                let error = await #expect(throws: RoleError.self) {
                    try await Ownership(client: client).transfer(from: "old", to: "new")
                }
                #expect(error?.code == .notAllowed && error?.statement == "ALTER ROLE \"\(me)\" INHERIT")
                #expect(try await self.memberships(me, client) == before)
            }
        }
    }
}

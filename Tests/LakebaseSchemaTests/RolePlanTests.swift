//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseSchema

@Suite("Which roles are made") struct RolePlanTests {
    private static let id = "6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10"

    private func code(_ name: String, _ identity: RoleIdentity) -> RoleError.Code? {
        do throws(RoleError) { _ = try WantedRole(name: name, identity: identity) } catch { return error.code }
        return nil
    }

    @Test func `names are those of identities`() {
        #expect(self.code("ann@example.com", .user) == nil)
        for name in ["", "ann", "@example.com", "ann@", "a@b@c", Self.id] {
            #expect(self.code(name, .user) == .invalid, "\(name)")
        }
        #expect(self.code(Self.id, .servicePrincipal) == nil)
        for name in [
            "", "4711", "ann@example.com", Self.id + "0", "6c1a0f4e2f6b4d3c9a550d8f3c1b7a10", Self.id.uppercased(),
        ] {
            #expect(self.code(name, .servicePrincipal) == .invalid, "\(name)")
        }
        for name in awkwardNames { #expect(self.code(name, .group) == nil, "\(name)") }
        for name in [
            "", "pg_monitor", "databricks_superuser", "public", "none", "a\0b", String(repeating: "ü", count: 32),
        ] {
            #expect(self.code(name, .group) == .invalid, "\(name)")
        }
    }

    @Test func `role that is there is kept only if its identity can log in as it`() throws {
        let wanted = try WantedRole(name: Self.id, identity: .servicePrincipal)
        #expect(RolePlan(wanted, found: nil) == .create(wanted))
        for login in DatabaseRole.Login.allCases {
            for identity in [nil] + RoleIdentity.allCases.map(Optional.some) {
                let found = DatabaseRole(name: Self.id, identity: identity, login: login)
                let plan = RolePlan(wanted, found: found)
                if identity == .servicePrincipal, login == .oauth || login == .unknown {
                    #expect(plan == .keep(found) && plan.problem == nil)
                } else {
                    #expect(plan == .conflict(wanted: wanted, found: found))
                    let problem = try #require(plan.problem)
                    #expect(problem.contains(found.words) && problem.contains("left as it is"), "\(problem)")
                    #expect(plan.statements.isEmpty)
                }
            }
        }
    }

    @Test func `ids of resources follow the service's pattern and are not the same for two roles`() throws {
        let pattern = /[a-z]([a-z0-9-]{2,61}[a-z0-9])/
        var roles = try awkwardNames.map { try WantedRole(name: $0, identity: .group) }
        roles.append(try WantedRole(name: Self.id, identity: .servicePrincipal))
        roles += try ["a.b@example.com", "a-b@example.com", "A.b@example.com", "___@---"].map {
            try WantedRole(name: $0, identity: .user)
        }
        roles.append(try WantedRole(name: String(repeating: "x", count: 63), identity: .group))
        let ids = roles.map(RoleResourceID.make)
        #expect(Set(ids).count == ids.count)
        for id in ids { #expect(id.wholeMatch(of: pattern) != nil && id.count <= 63, "\(id)") }
        #expect(ids.contains("sp-" + Self.id))
        #expect(roles.map(RoleResourceID.make) == ids)
    }

    // MARK: Deletion

    private func holdings(_ change: (inout RoleHoldings) -> Void = { _ in }) -> RoleHoldings {
        var holdings = RoleHoldings(
            currentRole: "me", database: "db",
            roles: [
                .init(name: "me", isOurs: true), .init(name: "old", isGrantable: true), .init(name: "other"),
                .init(name: "pg_monitor", isSystem: true),
            ])
        change(&holdings)
        return holdings
    }

    private func deletion(
        _ holdings: RoleHoldings, _ name: String = "old", bySQL: Bool = true
    ) -> Result<
        RoleDeletion, RoleError
    > {
        do throws(RoleError) {
            return .success(try RoleDeletion(name, holdings: holdings, bySQL: bySQL))
        } catch { return .failure(error) }
    }

    private func failure(_ result: Result<RoleDeletion, RoleError>) -> RoleError? {
        if case .failure(let error) = result { return error }
        return nil
    }

    @Test func `role that owns something is not deleted, and what it owns is named`() throws {
        let owning = self.holdings {
            $0.owned = [.init(role: "old", type: "table", schema: "s", identity: "s.\"A Table\"")]
        }
        for bySQL in [true, false] {
            let error = try #require(self.failure(self.deletion(owning, bySQL: bySQL)))
            #expect(error.code == .inUse && error.objects == ["table s.\"A Table\""])
            #expect(error.description.contains("lakebase grants transfer"))
            let elsewhere = self.holdings {
                $0.elsewhere = [.init(role: "old", database: "other db", owned: 3, others: 0)]
            }
            let there = try #require(self.failure(self.deletion(elsewhere, bySQL: bySQL)))
            #expect(there.objects == ["3 objects in the database other db"])
        }
        #expect(self.failure(self.deletion(self.holdings(), "nobody"))?.code == .unknownRole)
        #expect(self.failure(self.deletion(self.holdings(), "pg_monitor"))?.code == .invalid)
        #expect(self.failure(self.deletion(self.holdings(), "me"))?.code == .invalid)
    }

    @Test func `what was given is taken back before, as the roles that gave it by default`() throws {
        let holdings = self.holdings {
            $0.granted = [
                .init(role: "old", type: "view", schema: "s", identity: "s.v"),
                .init(role: "old", type: "procedure", schema: "s", identity: "s.p(integer)"),
                .init(role: "other", type: "schema", schema: "s", identity: "s"),
            ]
            $0.defaults = [
                .init(creator: "old", grantee: "other", schema: "s", objects: "TABLES"),
                .init(creator: "me", grantee: "old", schema: nil, objects: "ROUTINES"),
            ]
        }
        let plan = try self.deletion(holdings).get()
        #expect(
            plan.statements == [
                "GRANT \"old\" TO \"me\" WITH INHERIT TRUE, SET TRUE", "REVOKE ALL ON TABLE s.v FROM \"old\"",
                "REVOKE ALL ON ROUTINE s.p(integer) FROM \"old\"",
                "ALTER DEFAULT PRIVILEGES FOR ROLE \"old\" IN SCHEMA \"s\" REVOKE ALL ON TABLES FROM \"other\"",
                "ALTER DEFAULT PRIVILEGES FOR ROLE \"me\" REVOKE ALL ON ROUTINES FROM \"old\"", "DROP ROLE \"old\"",
            ])
        #expect(plan.losses.count == 4)
        #expect(try self.deletion(holdings, bySQL: false).get().statements.isEmpty)
        // By SQL nobody reaches into another database.
        let elsewhere = self.holdings {
            $0.elsewhere = [.init(role: "old", database: "other db", owned: 0, others: 2)]
        }
        #expect(self.failure(self.deletion(elsewhere))?.code == .inUse)
        #expect(try self.deletion(elsewhere, bySQL: false).get().losses.count == 1)
        var foreign = holdings
        foreign.defaults = [.init(creator: "other", grantee: "old", schema: "s", objects: "TABLES")]
        let error = try #require(self.failure(self.deletion(foreign)))
        #expect(error.code == .notAllowed && error.statement == "GRANT \"other\" TO \"me\"")
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseSchema

@Suite("What is given to another owner, and what was left behind") struct OwnershipPlanTests {
    private func object(_ type: String, _ identity: String, _ schema: String? = "s", follows: Bool = false)
        -> RoleHoldings.Object
    {
        .init(role: "old", type: type, schema: schema, identity: identity, follows: follows)
    }

    private var holdings: RoleHoldings {
        RoleHoldings(
            currentRole: "me", database: "db", serverVersion: 150_000,
            roles: [
                .init(name: "me", isOurs: true), .init(name: "old", isGrantable: true),
                .init(name: "new", isOurs: true),
                .init(name: "foreign"), .init(name: "databricks_superuser", isSystem: true),
            ],
            owned: [
                self.object("extension", "hstore", nil), self.object("sequence", "s.t_id_seq", follows: true),
                self.object("table", "s.\"T\""), self.object("procedure", "s.p(integer)"), self.object("schema", "s"),
                self.object("table", "other.t", "other"),
            ],
            defaults: [.init(creator: "old", grantee: "reader", schema: "s", objects: "TABLES")],
            elsewhere: [.init(role: "old", database: "else", owned: 2, others: 0)])
    }

    private func plan(
        _ holdings: RoleHoldings, _ from: String = "old", _ to: String = "new", schema: String? = nil
    )
        -> Result<TransferPlan, RoleError>
    {
        do throws(RoleError) {
            return .success(try TransferPlan(from: from, to: to, schema: schema, holdings: holdings))
        } catch { return .failure(error) }
    }

    private func code(_ result: Result<TransferPlan, RoleError>) -> RoleError.Code? {
        if case .failure(let error) = result { return error.code }
        return nil
    }

    @Test func `everything moves at once, a schema object by object`() throws {
        let whole = try self.plan(self.holdings).get()
        #expect(
            whole.statements == [
                "GRANT \"old\" TO \"me\"", "ALTER SCHEMA s OWNER TO \"new\"",
                "REASSIGN OWNED BY \"old\" TO \"new\"", "REVOKE \"old\" FROM \"me\"",
            ])
        #expect(whole.objects.count == 6 && whole.left.count == 2, "\(whole.left)")
        let part = try self.plan(self.holdings, schema: "s").get()
        #expect(
            part.statements == [
                "GRANT \"old\" TO \"me\"", "ALTER SCHEMA s OWNER TO \"new\"", "ALTER TABLE s.\"T\" OWNER TO \"new\"",
                "ALTER PROCEDURE s.p(integer) OWNER TO \"new\"", "REVOKE \"old\" FROM \"me\"",
            ])
        #expect(part.objects.count == 4 && part.left.count == 1)
        var newer = self.holdings
        newer.serverVersion = 170_000
        #expect(try self.plan(newer).get().statements.first == "GRANT \"old\" TO \"me\" WITH INHERIT TRUE, SET TRUE")
        #expect(try self.plan(newer).get().statements.last == "REVOKE \"old\" FROM \"me\"")
        // What was there before is there afterwards, as it was.
        newer.roles[1].admin = "me"
        newer.roles[1].links = [.init(grantor: "me", inherits: false, sets: true)]
        let restoring = try self.plan(newer).get().statements
        #expect(restoring.first == "GRANT \"old\" TO \"me\" WITH INHERIT TRUE, SET TRUE GRANTED BY \"me\"")
        #expect(restoring.last == "GRANT \"old\" TO \"me\" WITH INHERIT FALSE, SET TRUE GRANTED BY \"me\"")
        newer.owned = []
        #expect(try self.plan(newer).get().statements.isEmpty)
    }

    @Test func `it is looked up whether everything has the new owner`() throws {
        let plan = try self.plan(self.holdings, schema: "s").get()
        var after = self.holdings
        #expect(plan.missing(after).count == 4)
        for index in after.owned.indices where after.owned[index].identity != "s.p(integer)" {
            after.owned[index].role = "new"
        }
        #expect(plan.missing(after) == ["procedure s.p(integer)"])
    }

    @Test func `roles that are not there or not ours are errors`() {
        #expect(self.code(self.plan(self.holdings, "old", "old")) == .invalid)
        #expect(self.code(self.plan(self.holdings, "old", "nobody")) == .unknownRole)
        #expect(self.code(self.plan(self.holdings, "old", "foreign")) == .notAllowed)
        #expect(self.code(self.plan(self.holdings, "databricks_superuser", "new")) == .invalid)
    }

    @Test func `roles that nobody is any more are found`() throws {
        let lost = "6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10"
        let plain = "7c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10"
        let facts = RoleHoldings(
            currentRole: "me", database: "db",
            roles: [
                .init(name: "me", identity: .user), .init(name: lost, identity: .servicePrincipal),
                .init(name: plain), .init(name: "shared", canLogIn: false),
                .init(name: "dead", canLogIn: false, isReachable: false),
                .init(name: "empty", canLogIn: false, isReachable: false),
                .init(name: "databricks_x", canLogIn: false, isReachable: false, isSystem: true),
                .init(name: "idle"),
            ],
            owned: [.init(role: lost, type: "table", schema: "s", identity: "s.t")],
            granted: [.init(role: "dead", type: "table", schema: "s", identity: "s.t")],
            defaults: [
                .init(creator: "idle", grantee: "me", schema: "s", objects: "TABLES", creatorMayCreate: false),
                .init(creator: lost, grantee: "me", schema: "s", objects: "TABLES", creatorMayCreate: false),
                .init(creator: "me", grantee: "idle", schema: "s", objects: "TABLES"),
            ])
        let report = OrphanReport(holdings: facts, missing: [lost], checked: [lost])
        #expect(report.orphans.map(\.role) == [lost, plain, "dead"])
        #expect(report.orphans.map(\.reason) == [.identityGone, .notLinked, .unreachable])
        #expect(report.orphans[0].owned.count == 1 && report.orphans[0].defaults.count == 1)
        #expect(report.orphans[0].remedy.contains("transfer") && !report.orphans[2].remedy.contains("transfer"))
        #expect(report.idleDefaults.map(\.creator) == ["idle"])
        #expect(report.unchecked == ["me"])
        #expect(OrphanReport(holdings: facts).orphans.map(\.role) == [plain, "dead"])
        // Where nobody can say what roles are linked to, none of them is called lost.
        var blind = facts
        blind.knowsIdentities = false
        #expect(OrphanReport(holdings: blind).orphans.map(\.role) == ["dead"])
    }
}

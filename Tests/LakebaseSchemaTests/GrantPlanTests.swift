//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseSchema

@Suite("Which grants are made") struct GrantPlanTests {
    private static func object(
        _ kind: Privilege.Kind, _ identity: String, granted: Set<Privilege> = [], effective: Set<Privilege> = [],
        owner: String = "owner"
    ) -> GrantFacts.Object {
        GrantFacts.Object(
            kind: kind, name: identity.hasPrefix("s.") ? String(identity.dropFirst(2)) : identity, identity: identity,
            owner: owner, granted: granted, effective: effective)
    }

    private static let empty = GrantFacts(
        roles: ["app", "owner"],
        objects: [
            Self.object(.database, "db"), Self.object(.schema, "s"), Self.object(.table, "s.a"),
            Self.object(.table, "s.b"), Self.object(.sequence, "s.q"), Self.object(.routine, "s.f(integer)"),
        ], defaults: [])

    private func set(_ preset: GrantSet.Preset, creators: [String] = []) -> GrantSet {
        GrantSet(preset, role: "app", database: "db", schema: "s", creators: creators)
    }

    private func code(_ body: () throws -> Void) -> GrantError.Code? {
        do { try body() } catch { return (error as? GrantError)?.code }
        return nil
    }

    @Test func `what is missing is given, objects of one kind in one statement`() throws {
        let plan = try GrantPlan.granting(self.set(.app, creators: ["owner"]), facts: Self.empty)
        let defaults = "ALTER DEFAULT PRIVILEGES FOR ROLE \"owner\" IN SCHEMA \"s\" GRANT"
        #expect(
            plan.statements == [
                "GRANT CONNECT ON DATABASE db TO \"app\"", "GRANT USAGE ON SCHEMA s TO \"app\"",
                "GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE s.a, s.b TO \"app\"",
                "GRANT SELECT, USAGE ON SEQUENCE s.q TO \"app\"",
                "GRANT EXECUTE ON ROUTINE s.f(integer) TO \"app\"",
                "\(defaults) DELETE, INSERT, SELECT, UPDATE ON TABLES TO \"app\"",
                "\(defaults) SELECT, USAGE ON SEQUENCES TO \"app\"", "\(defaults) EXECUTE ON ROUTINES TO \"app\"",
            ])
    }

    @Test func `what is there is not given again, and an owner needs nothing`() throws {
        var facts = Self.empty
        facts.objects[2].granted = [.select, .insert, .update, .delete]
        facts.objects[3].granted = [.select, .delete]
        facts.objects[4].owner = "app"
        facts.defaults = [
            .init(creator: "owner", kind: .table, granted: [.select, .insert, .update, .delete, .trigger])
        ]
        let statements = try GrantPlan.granting(self.set(.app, creators: ["owner", "app"]), facts: facts).statements
        #expect(statements.contains("GRANT INSERT, UPDATE ON TABLE s.b TO \"app\""))
        #expect(!statements.contains { $0.contains("SEQUENCE s.q") || $0.contains("TABLES") || $0.contains("s.a") })
        #expect(!statements.contains { $0.contains("FOR ROLE \"app\"") })
    }

    @Test func `what is missing is judged by what the role may really do`() throws {
        #expect(try GrantPlan.missing(self.set(.readonly), facts: Self.empty).count == 5)
        var facts = Self.empty
        for index in facts.objects.indices { facts.objects[index].effective = facts.objects[index].kind.all }
        #expect(try GrantPlan.missing(self.set(.developer), facts: facts).isEmpty)
        facts.objects[4].effective = [.usage]
        #expect(
            try GrantPlan.missing(self.set(.app, creators: ["owner"]), facts: facts).first
                == "SELECT on sequence s.q, owned by owner")
    }

    @Test func `everything that was given is taken back, the innermost first`() throws {
        var facts = Self.empty
        facts.objects[0].granted = [.connect]
        facts.objects[3].granted = [.select, .trigger]
        facts.defaults = [.init(creator: "owner", kind: .sequence, granted: [.usage])]
        #expect(
            try GrantPlan.revoking(self.set(.readonly), facts: facts).statements == [
                "REVOKE SELECT, TRIGGER ON TABLE s.b FROM \"app\"", "REVOKE CONNECT ON DATABASE db FROM \"app\"",
                "ALTER DEFAULT PRIVILEGES FOR ROLE \"owner\" IN SCHEMA \"s\" REVOKE USAGE ON SEQUENCES FROM \"app\"",
            ])
    }

    @Test func `what the server is too old for is left out of all, and is an error by name`() throws {
        #expect(
            try !GrantPlan.granting(self.set(.developer), facts: Self.empty).statements.contains {
                $0.contains("MAINTAIN")
            })
        var facts = Self.empty
        facts.serverVersion = 170_002
        let statements = try GrantPlan.granting(self.set(.developer, creators: ["owner"]), facts: facts).statements
        #expect(statements.filter { $0.contains("MAINTAIN") }.count == 2)
        #expect(try GrantPlan.missing(self.set(.developer), facts: facts).contains { $0.contains("MAINTAIN") })
        var set = self.set(.readonly)
        set.privileges[.table] = [.select, .maintain]
        #expect(self.code { _ = try GrantPlan.granting(set, facts: Self.empty) } == .invalid)
        #expect(try GrantPlan.granting(set, facts: facts).statements.contains { $0.contains("MAINTAIN, SELECT") })
    }

    @Test func `named objects must be there`() throws {
        var set = self.set(.readonly, creators: ["owner"])
        set.only = [.table: ["a"]]
        let statements = try GrantPlan.granting(set, facts: Self.empty).statements
        #expect(statements.contains("GRANT SELECT ON TABLE s.a TO \"app\""))
        #expect(!statements.contains { $0.contains("s.b") || $0.contains("ON TABLES") })
        #expect(statements.contains { $0.contains("ON SEQUENCES") })
        set.only = [.table: ["a", "c"]]
        #expect(self.code { _ = try GrantPlan.granting(set, facts: Self.empty) } == .unknownObject)
    }

    @Test func `roles and schemas that are not there, and privileges that cannot be, are errors`() {
        var facts = Self.empty
        facts.roles = ["owner"]
        #expect(self.code { _ = try GrantPlan.granting(self.set(.app), facts: facts) } == .unknownRole)
        #expect(
            self.code { _ = try GrantPlan.granting(self.set(.app, creators: ["x"]), facts: Self.empty) } == .unknownRole
        )
        facts = Self.empty
        facts.objects.remove(at: 1)
        #expect(self.code { _ = try GrantPlan.granting(self.set(.app), facts: facts) } == .unknownSchema)
        var wrong = self.set(.app)
        wrong.privileges[.table] = [.execute]
        #expect(self.code { _ = try GrantPlan.granting(wrong, facts: Self.empty) } == .invalid)
    }

    @Test(arguments: GrantSet.Preset.allCases)
    func `presets have only privileges that there are`(preset: GrantSet.Preset) {
        for (kind, privileges) in preset.privileges {
            #expect(privileges.isSubset(of: kind.all) && !privileges.isEmpty)
        }
    }
}

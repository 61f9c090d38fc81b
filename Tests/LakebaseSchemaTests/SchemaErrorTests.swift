//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExplainedErrors
import Testing

@testable import LakebaseSchema

/// The shape of the errors: an id, what happened, what to do, and a command.
@Suite("Errors of migrations, grants and roles") struct SchemaErrorTests {
    private static var all: [any ExplainedError] {
        MigrationError.Code.all.map { MigrationError($0, "m") } + GrantError.Code.all.map { GrantError($0, "m") }
            + RoleError.Code.all.map { RoleError($0, "m") }
    }

    @Test func `every kind has an id of its own and a remedy`() {
        let ids = Self.all.map(\.id)
        #expect(Set(ids).count == ids.count && ids.count == 22)
        #expect(ids.contains("migration.edited") && ids.contains("grant.unknownRole") && ids.contains("role.inUse"))
        for error in Self.all {
            #expect(error.remedy?.isEmpty == false && error.remedy?.hasSuffix(".") == false, "\(error.id)")
            #expect(error.command?.isEmpty != true, "\(error.id)")
            #expect(error.explanationLines.first == "m [\(error.id)]" && "\(error)" == error.explanation)
        }
    }

    @Test func `an error of a migration begins with its place, as compilers write it`() {
        let error = MigrationError(
            .failed, "syntax error", file: "1_a.sql", line: 3, statement: "SELECT\n  1\n2\n3\n4\n5")
        #expect(
            "\(error)" == """
                1_a.sql:3: syntax error [migration.failed]
                    SELECT
                      1
                    2
                    3
                    4
                    …
                remedy: correct the statement, and run the migrations again
                run: lakebase migrate status
                """)
    }

    @Test func `a remedy that is given replaces that of the kind, with its command`() {
        let error = RoleError(.inUse, "in use", objects: (1...22).map { "table t\($0)" }, remedy: "wait")
        #expect(error.remedy == "wait" && error.command == nil)
        #expect(error.details.count == 21 && error.details.last == "and 2 more")
        #expect(RoleError(.inUse, "in use").command == "lakebase grants transfer --from ROLE --to OTHER")
        #expect(
            "\(GrantError(.ineffective, "missing", missing: ["SELECT on t"]))" == """
                missing [grant.ineffective]
                    SELECT on t
                remedy: run this as the owner of the objects
                """)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("lakebase grants as a process", .serialized)
struct GrantsTests {
    @Test("plan, apply, verify and revoke, and the app that may and may not")
    func wholeWay() async throws {
        try await DevRun.with { run in
            let app = try #require(run.announcement.identities["app"])
            let role = try #require(app["PGUSER"])
            let owner = try await run.connect()
            try await owner.execute(script: "CREATE SCHEMA \"My Data\"; CREATE TABLE \"My Data\".notes (id int)")
            func grants(_ command: String) async throws -> CommandRun {
                try await CommandRun.run(
                    "lakebase",
                    [
                        "grants", command, role, "--preset", "app", "--schema", "My Data", "--creator",
                        run.environment["PGUSER"] ?? "",
                    ], environment: run.environment)
            }
            let missing = try await grants("verify")
            #expect(missing.status == 1 && missing.output.contains("USAGE on schema \"My Data\""), "\(missing.output)")
            let plan = try await grants("plan")
            #expect(plan.status == 0 && plan.output.contains("GRANT USAGE ON SCHEMA \"My Data\" TO \"\(role)\";"))
            let applied = try await grants("apply")
            #expect(applied.status == 0 && applied.output == plan.output, "\(applied.errors)")
            #expect(try await grants("verify").status == 0)
            let again = try await grants("apply")
            #expect(again.status == 0 && again.output == "" && again.complaints.hasPrefix("Nothing to do"))
            try await owner.query("CREATE TABLE \"My Data\".later (id int)")
            await owner.close()
            let session = try await DevRun.connect(app)
            try await session.query("INSERT INTO \"My Data\".later VALUES (1)")
            let revoked = try await grants("revoke")
            #expect(revoked.status == 0 && revoked.output.contains("REVOKE"), "\(revoked.errors)")
            let error = await #expect(throws: PQError.self) {
                try await session.query("SELECT id FROM \"My Data\".later")
            }
            #expect(error?.sqlState == .insufficientPrivilege)
            await session.close()
        }
    }

    @Test("what revoke leaves is said, and is a failure only where it is the role's own")
    func left() async throws {
        try await DevRun.with { run in
            let app = try #require(run.announcement.identities["app"])
            let (role, developer) = (try #require(app["PGUSER"]), try #require(run.environment["PGUSER"]))
            let owner = try await run.connect()
            // Default privileges of no schema belong to every schema, and so are not revoked with those of one.
            try await owner.execute(
                script: """
                    CREATE SCHEMA data; CREATE TABLE data.notes (id int);
                    GRANT USAGE ON SCHEMA data TO "\(role)"; GRANT SELECT ON data.notes TO PUBLIC;
                    ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO "\(role)"
                    """)
            let revoke = ["grants", "revoke", "--schema", "data", role]
            let some = try await CommandRun.run("lakebase", revoke, environment: run.environment)
            #expect(some.status == 1, "\(some.errors)")
            #expect(some.output.contains("REVOKE USAGE ON SCHEMA data FROM \"\(role)\";"), "\(some.output)")
            let own = "left: default privileges: tables that \(developer) makes are given to \(role), in every schema; "
            let everybody = "left: everybody has SELECT on table data.notes; "
            let complaint = "privileges of the role \(role) are left"
            for words in [own, everybody, complaint] { #expect(some.errors.contains(words), "\(some.errors)") }

            try await owner.execute(script: "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM \"\(role)\"")
            await owner.close()
            let all = try await CommandRun.run("lakebase", revoke, environment: run.environment)
            #expect(all.status == 0 && all.output == "", "\(all.errors)")
            #expect(all.errors.contains(everybody), "\(all.errors)")
            for words in [own, complaint] { #expect(!all.errors.contains(words), "\(all.errors)") }
        }
    }

    @Test("names that are not there and wrong command lines")
    func wrong() async throws {
        for arguments in [
            ["apply", "role", "--preset", "all", "--schema", "s"], ["apply", "role", "--preset", "app"], ["plan"],
            ["apply", "", "--preset", "app", "--schema", "s"],
        ] {
            let run = try await CommandRun.run("lakebase", ["grants"] + arguments)
            #expect(run.status == 64, "\(arguments): \(run.errors)")
        }
        try await DevRun.with { run in
            let unknown = try await CommandRun.run(
                "lakebase", ["grants", "apply", "no\"body", "--preset", "app", "--schema", "public"],
                environment: run.environment)
            #expect(unknown.status == 1 && unknown.errors.contains("there is no role no\"body"), "\(unknown.errors)")
        }
    }
}

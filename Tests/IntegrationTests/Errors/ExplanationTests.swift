//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase
import LakebaseLocal
import Logging
import TestSupport
import Testing

@Suite("Explanations from evidence", .sharesTheMachine)
struct ExplanationTests {
    @Test("what is explained to be missing mends it when granted as told")
    func mended() async throws {
        try await withScene { scene in
            try await scene.prepare(
                """
                CREATE SCHEMA "my shop"; CREATE TABLE "my shop"."order lines" (id serial, what text);
                CREATE TABLE "my shop".prices (what text, price int); INSERT INTO "my shop".prices VALUES ('tea', 4)
                """)
            let statement: @Sendable (LakebaseClient) async throws -> Void = { client in
                try await client.query(
                    """
                    INSERT INTO "my shop"."order lines" (what)
                    SELECT what FROM "my shop".prices WHERE price < 5 -- "other"
                    """)
            }
            var problems: [String] = []
            while let explanation = await scene.explanation(statement), problems.count < 10 {
                problems.append(explanation.problem.id)
                #expect(explanation.isEstablished, "\(explanation)")
                #expect(explanation.requiredRole?.contains(scene.developerName) == true, "\(explanation)")
                // As the one who may run it, exactly as it is said.
                try await scene.prepare(try #require(explanation.command))
            }
            // The schema, writing the one table, reading the other, and the sequence.
            #expect(problems == ["LB604", "LB602", "LB602", "LB603"])
            // Neither more nor less than was needed was granted.
            let rights = try await scene.app.query(
                """
                SELECT has_table_privilege('"my shop"."order lines"', 'INSERT'),
                    has_table_privilege('"my shop".prices', 'INSERT')
                """
            ).decode((Bool, Bool).self)
            #expect(rights[0].0 && !rights[0].1)
        }
    }

    @Test("a schema without USAGE makes its tables seem missing, which is told apart from a table that is")
    func missingOrHidden() async throws {
        try await withScene { scene in
            try await scene.prepare("CREATE SCHEMA closed; CREATE TABLE closed.things (n int)")
            try await scene.stack.withClient(.app, changes: ["LAKEBASE_SCHEMA": "closed"]) { client in
                let hidden = await scene.explanation(as: client) { try await $0.query("SELECT n FROM things") }
                #expect(hidden?.problem == .schemaPrivilegeMissing)
                #expect(hidden?.summary.contains("\"closed\".\"things\" exists") == true)
                #expect(hidden?.command?.hasPrefix("GRANT USAGE ON SCHEMA \"closed\" TO ") == true)
                let missing = await scene.explanation(as: client) { try await $0.query("SELECT n FROM thing") }
                #expect(missing?.problem == .relationMissing)
            }
            let absent = await scene.explanation { try await $0.query("CREATE TABLE nowhere.t ()") }
            #expect(absent?.command == "CREATE SCHEMA \"nowhere\";")
            #expect(absent?.requiredRole == "\"\(scene.stack.ready.app.userName)\" itself")
        }
    }

    @Test("a refused login's cause is told from the roles of the branch, within two seconds")
    func roles() async throws {
        try await withScene { scene in
            let changes = try await scene.newPrincipal(role: nil)
            let name = changes["PGUSER"] ?? nil
            try await scene.stack.withClient(changes: changes) { client in
                let error = await #expect(throws: LakebaseError.self) { try await client.query("SELECT 1") }
                let explanation = try #require(error?.explanation)
                #expect(explanation.isEstablished && explanation.problem == .roleMissing)
                #expect(explanation.command == "SELECT databricks_create_role('\(name ?? "")', 'SERVICE_PRINCIPAL');")
                #expect(await client.explain(try #require(error)) == explanation)
                // What is said mends it.
                try await scene.prepare(
                    "CREATE EXTENSION IF NOT EXISTS databricks_auth; \(try #require(explanation.command))")
                let user = try await client.query("SELECT current_user::text").first?.decode(String.self, at: 0)
                #expect(user == name)
            }
        }
    }

    @Test("a workspace that does not answer holds an error back for two seconds at most")
    func slowWorkspace() async throws {
        try await withScene { scene in
            let started = ContinuousClock.now
            let token = ScriptedWorkspace.token(scene.claims())
            let error = try await scene.errorOfQuery(
                ScriptedWorkspace(answers: ScriptedWorkspace.minting(token).answers, isSilentOtherwise: true))
            #expect(error?.code == .loginRejected && error?.problem == .loginRefused)
            #expect(error?.explanation?.evidence.count { $0.contains("did not answer in time") } == 2)
            #expect(started.duration(to: .now) < .seconds(4))
        }
    }

    @Test("explaining opens no connection and wakes nothing")
    func wakesNothing() async throws {
        try await withScene { scene in
            try await scene.prepare("CREATE SCHEMA later; CREATE TABLE later.t ()")
            var thrown: (any Error)?
            do { try await scene.app.query("SELECT FROM later.t") } catch { thrown = error }
            await scene.stack.local.suspendCompute()
            await scene.stack.local.wait(for: .idle)
            try await eventually("the pool notices") { scene.app.statistics.pool.size == 0 }
            let starts = scene.stack.local.counts.computeStarts
            let explanation = await scene.app.explain(try #require(thrown))
            #expect(explanation?.problem == .permissionDenied)
            #expect(explanation?.evidence.first?.contains("no connection is open") == true)
            #expect(scene.stack.local.counts.computeStarts == starts)
        }
    }

    @Test("a token put into a URL by hand is told from its claims")
    func tokenInURL() async throws {
        try await withScene { scene in
            func error(_ claims: String) async throws -> LakebaseError? {
                let changes = ["PGPASSWORD": ScriptedWorkspace.token(claims), "PGSSLMODE": "require"]
                return try await scene.stack.withClient(.developer, changes: changes) { client in
                    await #expect(throws: LakebaseError.self) { try await client.query("SELECT 1") }
                }
            }
            let expired = try await error(scene.claims(issued: -7200))
            #expect(expired?.problem == .credentialExpired)
            #expect(
                expired?.message.contains("had expired") == true && expired?.remedy?.contains("DATABASE_URL") == true)
            #expect(try await error(scene.claims(subject: "ann"))?.problem == .usernameMismatch)
            #expect(try await error(scene.claims())?.problem == .passwordRefused)
        }
    }

    @Test("no explanation shows a token")
    func secrecy() async throws {
        try await withScene { scene in
            let token = ScriptedWorkspace.token(scene.claims(subject: "ann@example.com"))
            let error = try #require(try await scene.errorOfQuery(.minting(token)))
            var dumped = ""
            dump(error, to: &dumped)
            for part in token.split(separator: ".") {
                #expect(!dumped.contains(part) && !"\(error)".contains(part))
            }
            #expect("\(error.explanation.map { "\($0)" } ?? "")".contains("ann@example.com"))
        }
    }
}

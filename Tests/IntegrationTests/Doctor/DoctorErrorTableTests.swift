//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Lakebase
import LakebaseDoctor
import LakebaseLocal
import Logging
import Secrets
import TestSupport
import Testing

/// The errors that teams keep a table of: each is brought about, and both the doctor and the library's own error name the
/// cause and what mends it.
@Suite("The doctor and the errors that everybody meets", .sharesTheMachine, .serialized)
struct DoctorErrorTableTests {
    @Test("connection to localhost refused: nothing says where the database is")
    func refused() async throws {
        // Port 1 is nobody's: this machine may well have a PostgreSQL at the usual one.
        let environment = ["PGPORT": "1", "PGSSLMODE": "disable", "USER": "somebody"]
        let report = await Doctor(environment: environment, logger: quietLogger).examine()
        #expect(report.problem(.tcp) == .nothingConfigured, report.told)
        #expect(report[.tcp]?.result.remedy?.contains("attach the database") == true)
        #expect(report[.tcp]?.result.evidence.first?.contains("refused") == true, report.told)
        #expect(report.verdict(.login) == .skipped && report[.login]?.result.blockedBy == .tcp)
        #expect(report.verdict(.workspace) == .skipped && report[.workspace]?.result.blockedBy == nil)
        #expect(report.exitStatus == 1)
        let configuration = try LakebaseConfiguration.fromEnvironment(environment, pool: Scene.quickPool)
        try await withScene { scene in
            let explanation = try await scene.explanation(of: configuration)
            #expect(explanation?.problem == .nothingConfigured)
        }
    }

    @Test("failed to decode token for role: a token of the workspace as password")
    func workspaceToken() async throws {
        try await withScene { scene in
            // What a program sends that takes the workspace's own token: a personal one, and one of OAuth.
            let personal = try #require(scene.stack.environment(.developer)["DATABRICKS_TOKEN"])
            let app = WorkspaceClient(
                configuration: try .resolve(environment: scene.stack.environment(.app)), logger: quietLogger)
            let header = try await app.credentials.headers().values.first
            let oauth = try #require(header).withUnsafeValue { String($0.split(separator: " ").last ?? "") }
            for (token, step) in [(personal, DoctorStep.login), (oauth, .credential)] {
                let changes = ["PGPASSWORD": token, "PGSSLMODE": "require"]
                let report = await scene.doctor(.developer, changes: changes)
                #expect(report.problem(step) == .notACredential, report.told)
                #expect(report[step]?.result.remedy?.contains("set LAKEBASE_ENDPOINT") == true, report.told)
                #expect(report.exitStatus == 1)
                let explanation = try await scene.explanation(
                    of: .fromEnvironment(scene.stack.environment(.developer, changes)))
                #expect(explanation?.problem == .notACredential, "\(String(describing: explanation))")
            }
        }
    }

    @Test("permission denied for sequence: the doctor's command mends what the library's error explains")
    func sequence() async throws {
        try await withScene { scene in
            let role = PQQuery.quoteIdentifier(scene.stack.ready.app.userName)
            try await scene.prepare(
                """
                CREATE SCHEMA "my shop"; CREATE TABLE "my shop"."Orders" (id serial, what text);
                GRANT USAGE ON SCHEMA "my shop" TO \(role); GRANT SELECT, INSERT ON "my shop"."Orders" TO \(role)
                """)
            let explanation = await scene.explanation {
                try await $0.query("INSERT INTO \"my shop\".\"Orders\" (what) VALUES ('tea')")
            }
            #expect(explanation?.problem == .sequencePrivilegeMissing)
            let changes = ["LAKEBASE_SCHEMA": "my shop"]
            let report = await scene.doctor(changes: changes)
            let result = try #require(report[.privileges]?.result)
            #expect(result.problem == .sequencePrivilegeMissing && report.exitStatus == 1, report.told)
            #expect(result.text.contains("permission denied for sequence"), report.told)
            #expect(result.requiredRole?.contains(scene.developerName) == true)
            // As the one who may run it, exactly as it is said.
            try await scene.prepare(try #require(result.command))
            try await scene.app.query("INSERT INTO \"my shop\".\"Orders\" (what) VALUES ('tea')")
            let after = await scene.doctor(changes: changes)
            #expect(after.exitStatus == 0, after.told)
        }
    }

    @Test("schema does not exist: the doctor's command makes it")
    func schema() async throws {
        try await withScene { scene in
            let explanation = await scene.explanation { try await $0.query("CREATE TABLE \"app data\".t ()") }
            #expect(explanation?.problem == .schemaMissing)
            let changes = ["LAKEBASE_SCHEMA": "app data"]
            let report = await scene.doctor(changes: changes)
            #expect(report.problem(.schema) == .schemaMissing && report.exitStatus == 1, report.told)
            #expect(report[.privileges]?.result.blockedBy == .schema)
            #expect(report.verdict(.connections) == .ok)
            try await scene.app.query(PQQuery(unsafeSQL: try #require(report[.schema]?.result.command)))
            #expect(await scene.doctor(changes: changes).exitStatus == 0)
            // One that is there and closed is told apart.
            try await scene.prepare("CREATE SCHEMA closed")
            let closed = await scene.doctor(changes: ["LAKEBASE_SCHEMA": "closed"])
            #expect(closed.problem(.schema) == .schemaPrivilegeMissing, closed.told)
        }
    }

    @Test("background token refresh failed: a warning while the old one lives, an error after, and the cause of both")
    func refresh() async throws {
        let log = LogStore()
        try await withLocalLakebase(.init(tokenLifetime: .seconds(20)), logger: log.logger) { stack in
            try await stack.withClient { client in
                try await client.withConnection { _ in
                    let end = try #require(client.statistics.credential?.expiresAt)
                    // Renewing is due at the latest when three quarters of a fifth of the life are left.
                    try await Task.sleep(for: .seconds(end.timeIntervalSinceNow - 2.7))
                    stack.local.faults.credentials = .status(403)
                    // The old one still opens a connection, and the log says why there is no new one.
                    try await client.withConnection { _ = try await $0.query("SELECT 1") }
                    let title = LakebaseProblem.renewalFailed.title
                    try await eventually("the log warns") { log.text.contains(title) }
                    let line = log.text.split(separator: "\n").first { $0.contains(title) }
                    #expect(line?.contains("403") == true, "\(line ?? "")")
                    try await Task.sleep(for: .seconds(max(0, end.timeIntervalSinceNow + 0.1)))
                }
                // Nobody may be served by what is open already.
                await client.replaceConnections(within: .seconds(5))
                let error = await #expect(throws: LakebaseError.self) { try await client.query("SELECT 1") }
                #expect(await client.explain(try #require(error))?.problem == .workspaceForbidden)
                let report = await Doctor(environment: stack.environment(), logger: quietLogger).examine()
                let result = try #require(report[.credential]?.result)
                #expect(result.problem == .workspaceForbidden && report.exitStatus == 1, report.told)
                #expect(result.evidence.contains { $0.contains(LakebaseProblem.renewalFailed.id) }, report.told)
                #expect(report[.login]?.result.blockedBy == .credential)
                stack.local.faults.credentials = nil
            }
        }
    }

    @Test("password authentication failed: no role, made by the doctor's command; and a role of the wrong kind")
    func password() async throws {
        try await withScene { scene in
            let stranger = try await scene.newPrincipal(role: nil)
            let configuration = try LakebaseConfiguration.fromEnvironment(scene.stack.environment(.app, stranger))
            #expect(try await scene.explanation(of: configuration)?.problem == .roleMissing)
            let report = await scene.doctor(changes: stranger)
            #expect(report.problem(.role) == .roleMissing && report.verdict(.role) == .warning, report.told)
            #expect(report.problem(.login) == .roleMissing && report.exitStatus == 1, report.told)
            let command = try #require(report[.login]?.result.command)
            try await scene.prepare("CREATE EXTENSION IF NOT EXISTS databricks_auth; \(command)")
            let after = await scene.doctor(changes: stranger)
            #expect(after.verdict(.login) == .ok && after.verdict(.role) == .ok, after.told)

            let native = try await scene.newPrincipal(role: .password)
            let wrongKind = await scene.doctor(changes: native)
            #expect(wrongKind.problem(.role) == .roleNotLinked && wrongKind.exitStatus == 1, wrongKind.told)
            #expect(wrongKind[.login]?.result.blockedBy == .role)
            let other = try LakebaseConfiguration.fromEnvironment(scene.stack.environment(.app, native))
            #expect(try await scene.explanation(of: other)?.problem == .roleNotLinked)
        }
    }
}

extension Scene {
    /// What a client of a configuration says of its own error.
    func explanation(of configuration: LakebaseConfiguration) async throws -> LakebaseExplanation? {
        let client = try LakebaseClient(configuration: configuration, logger: quietLogger)
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            return await self.explanation(as: client) { try await $0.query("SELECT 1") }
        }
    }
}

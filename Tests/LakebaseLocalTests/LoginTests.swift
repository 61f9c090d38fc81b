//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

/// The whole way through HTTP, TLS and the gateway to a real server.
extension WholeLakebaseTests {
    @Suite("Logins", .serialized) struct LoginTests {
        @Test func `both identities log in with what they mint, and with verify-full`() async throws {
            try await Fixture.with { fixture in
                let app = try await fixture.sql("SELECT current_user || ' ' || current_database()", as: .app)
                #expect(app == "\(fixture.ready.app.userName) databricks_postgres")
                let developer = try await fixture.sql(
                    """
                    SELECT rolcreatedb, rolcreaterole, rolbypassrls, rolsuper, pg_has_role(current_user, 'databricks_superuser', 'member')
                    FROM pg_roles WHERE rolname = current_user
                    """
                )
                #expect(developer == "t|t|t|f|t")
                #expect(fixture.lakebase.counts.loginsAccepted == 2)
                #expect(fixture.lakebase.counts.credentialsMinted == 2)
                #expect(fixture.lakebase.counts.workspaceTokensMinted == 1)
            }
        }

        @Test func `every wrong credential is refused with a line that says why`() async throws {
            // Those that are not to end meanwhile are asked for with a longer life.
            try await Fixture.with(.init(tokenLifetime: .seconds(1))) { fixture in
                func refused(
                    _ password: Secret, user: String? = nil, settings: [String: String] = [:], _ words: String...
                ) async throws {
                    let output = try await fixture.psql("SELECT 1", user: user, password: password, settings: settings)
                    #expect(output.status == 2)
                    for word in words { #expect(output.text.contains(word), "\(output.text)") }
                    password.withUnsafeValue { #expect(!output.text.contains($0)) }
                }
                try await refused(Secret("hunter2"), "not a valid JWT encoding")
                try await refused(fixture.ready.developer.credential, "that is a workspace token")
                try await refused(fixture.ready.app.credential, "that is a workspace token")
                try await refused(
                    try await fixture.apiToken(.app), user: fixture.ready.app.userName, "that is a workspace token")
                try await refused(
                    try await fixture.credential(.app, ttl: "300s"),
                    "the token is for \"\(fixture.ready.app.userName)\"")
                let good = try await fixture.credential(.developer, ttl: "300s")
                let tampered = good.withUnsafeValue { Secret(String($0.dropLast(6)) + "AAAAAA") }
                try await refused(tampered, "signature is not valid")
                try await refused(good, settings: ["PGSSLMODE": "disable"], "TLS only")

                // Waits for the moment the token itself names.
                let brief = try await fixture.credential(.developer)
                let claims = brief.withUnsafeValue { String($0.split(separator: ".")[1]) }
                let payload = try #require(Data(base64Encoded: TokenServiceTests.padded(claims)))
                let fields = try #require(try JSONSerialization.jsonObject(with: payload) as? [String: Any])
                let expiry = Date(timeIntervalSince1970: try #require(fields["exp"] as? Double))
                try await Task.sleep(for: .seconds(max(0, expiry.timeIntervalSinceNow)))
                try await refused(brief, "the token expired at", "mint a new one")

                let refusals = fixture.lakebase.counts.loginsRefused
                #expect(refusals[.notAToken] == 1)
                #expect(refusals[.workspaceToken] == 3)
                #expect(refusals[.otherIdentity] == 1)
                #expect(refusals[.badSignature] == 1)
                #expect(refusals[.expired] == 1)
                // None of them woke the compute.
                #expect(await fixture.lakebase.computePhase == .idle)
            }
        }

        @Test func `a second workspace has its own address, and neither takes the other's token`() async throws {
            try await Fixture.with { one in
                try await Fixture.with { two in
                    #expect(one.ready.workspaceID != two.ready.workspaceID)
                    let addresses = [one, two].map { "\($0.ready.endpoints[0].address):\($0.ready.endpoints[0].port)" }
                    #expect(addresses[0] != addresses[1])
                    let foreign = try await two.credential(.developer)
                    let output = try await one.psql("SELECT 1", password: foreign)
                    #expect(output.text.contains("token of another workspace"))
                    #expect(output.text.contains(one.ready.workspaceID) && output.text.contains(two.ready.workspaceID))
                    #expect(one.lakebase.counts.loginsRefused == [.otherWorkspace: 1])
                    let answer = try await one.http(
                        "GET", "/api/2.0/preview/scim/v2/Me", token: try await two.apiToken(.app))
                    #expect(answer.status == 403)
                }
            }
        }

        @Test func `roles are made by databricks_create_role, and no other role logs in`() async throws {
            try await Fixture.with { fixture in
                _ = try await fixture.sql("CREATE EXTENSION IF NOT EXISTS databricks_auth")
                // The app's role is there already, as the platform makes it.
                let app = fixture.ready.app.userName
                let twice = try await fixture.psql("SELECT databricks_create_role('\(app)', 'service_principal')")
                #expect(twice.status == 1 && twice.text.contains("42710"), "\(twice.text)")
                let unknown = try await fixture.psql("SELECT databricks_create_role('x', 'ROBOT')")
                #expect(unknown.text.contains("22023"), "\(unknown.text)")
                _ = try await fixture.sql("SELECT databricks_create_role('ann@example.com', 'user')")
                _ = try await fixture.sql("SELECT databricks_create_role('our \"team\"', 'Group')")
                let listed = try await fixture.sql("SELECT * FROM databricks_list_roles ")
                #expect(
                    listed.split(separator: "\n").sorted()
                        == [
                            "\(app)|service_principal", "ann@example.com|user", "developer@example.com|user",
                            "our \"team\"|group",
                        ].sorted()
                )
                // The app is an identity, but may not create roles.
                let denied = try await fixture.psql("SELECT databricks_create_role('bob', 'USER')", as: .app)
                #expect(denied.text.contains("42501"), "\(denied.text)")

                // A role of the developer's name made anew by plain SQL is nobody's.
                _ = try await fixture.sql(
                    "REVOKE ALL ON DATABASE databricks_postgres FROM \"\(app)\"; DROP ROLE \"\(app)\"; CREATE ROLE \"\(app)\" LOGIN"
                )
                let plain = try await fixture.psql("SELECT 1", as: .app)
                #expect(plain.text.contains("password authentication failed for user \"\(app)\""), "\(plain.text)")
                // Nor does a link of one's own making help.
                _ = try await fixture.psql("GRANT databricks_identity_service_principal TO \"\(app)\"")
                #expect(try await fixture.psql("SELECT 1", as: .app).status == 2)
                #expect(fixture.lakebase.counts.loginsRefused[.roleMissing] == 2)
            }
        }

        @Test func `the app may create schemas and nothing in public`() async throws {
            try await Fixture.with { fixture in
                #expect(
                    try await fixture.sql("CREATE SCHEMA mine; CREATE TABLE mine.t (i int); SELECT 1", as: .app) == "1")
                let output = try await fixture.psql("CREATE TABLE public.t (i int)", as: .app)
                #expect(output.text.contains("42501"), "\(output.text)")
                _ = try await fixture.sql("GRANT CREATE, USAGE ON SCHEMA public TO PUBLIC")
                #expect(try await fixture.sql("CREATE TABLE public.t (i int); SELECT 1", as: .app) == "1")
                let missing = try await fixture.psql("SELECT 1", database: "nowhere")
                #expect(missing.text.contains("does not exist"), "\(missing.text)")
            }
        }
    }
}

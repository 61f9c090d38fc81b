//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

extension WholeLakebaseTests {
    @Suite("Roles and databases", .serialized) struct RoleAndDatabaseTests {
        private static let roles = LocalProject.branchName + "/roles"
        private static let databases = LocalProject.branchName + "/databases"

        @Test func `a role is made in PostgreSQL, changed and dropped`() async throws {
            try await Fixture.with { fixture in
                let made = try await fixture.operate(
                    "POST", Self.roles + "?role_id=ann",
                    #"{"spec":{"postgres_role":"ann@example.com","identity_type":"USER","attributes":{"createdb":true}}}"#
                )
                #expect(made.text("response.status.auth_method") == "LAKEBASE_OAUTH_V1")
                func attributes() async throws -> String {
                    try await fixture.sql(
                        """
                        SELECT rolcreatedb, rolcreaterole, rolbypassrls, pg_has_role(oid, 'databricks_superuser', 'member'),
                        pg_has_role(oid, 'databricks_identity_user', 'member') FROM pg_roles WHERE rolname = 'ann@example.com'
                        """
                    )
                }
                #expect(try await attributes() == "t|f|f|f|t")
                let mask = "?update_mask=spec.attributes.createrole,spec.membership_roles"
                _ = try await fixture.operate(
                    "PATCH", Self.roles + "/ann" + mask,
                    #"{"spec":{"attributes":{"createrole":true},"membership_roles":["DATABRICKS_SUPERUSER"]}}"#
                )
                #expect(try await attributes() == "t|t|f|t|t")

                // One that somebody made by SQL is in the way.
                _ = try await fixture.sql("CREATE ROLE plain")
                let taken = try await fixture.operate("POST", Self.roles, #"{"spec":{"postgres_role":"plain"}}"#)
                #expect(taken.text("error.message") == "role with that name already exists")
                let plain = try await fixture.api("GET", "postgres/\(Self.roles)/plain")
                #expect(plain.text("status.auth_method") == "NO_LOGIN")

                _ = try await fixture.operate("DELETE", Self.roles + "/ann")
                #expect(try await attributes() == "")
                #expect(try await fixture.api("GET", "postgres/\(Self.roles)/ann").status == 404)
            }
        }

        @Test func `roles made, changed and dropped by SQL are in the lists, also while the compute sleeps`()
            async throws
        {
            try await Fixture.with { fixture in
                func listed() async throws -> [String: JSONValue] {
                    let list = try await fixture.api("GET", "postgres/\(Self.roles)")
                    guard case .array(let roles)? = list["roles"] else { return [:] }
                    return Dictionary(
                        roles.compactMap { role in
                            guard let status = role["status"], let name = status["postgres_role"]?.stringValue else {
                                return nil
                            }
                            return (name, status)
                        }, uniquingKeysWith: { first, _ in first })
                }
                let before = try await listed()
                _ = try await fixture.sql(
                    """
                    CREATE EXTENSION IF NOT EXISTS databricks_auth;
                    SELECT databricks_create_role('bob@example.com', 'USER');
                    CREATE ROLE reporting LOGIN CREATEDB; GRANT databricks_superuser TO reporting;
                    """)
                let awake = try await listed()
                #expect(Set(awake.keys) == Set(before.keys).union(["bob@example.com", "reporting"]))
                #expect(before.allSatisfy { awake[$0.key] == $0.value }, "those that were there are as they were")
                #expect(awake["bob@example.com"]?["identity_type"] == .string("USER"))
                #expect(awake["bob@example.com"]?["auth_method"] == .string("LAKEBASE_OAUTH_V1"))
                #expect(awake["reporting"]?["identity_type"] == .string("IDENTITY_TYPE_UNSPECIFIED"))
                #expect(awake["reporting"]?["membership_roles"] == .array([.string("DATABRICKS_SUPERUSER")]))
                #expect(awake["reporting"]?["attributes"]?["createdb"] == .boolean(true))
                let instance = try await fixture.api("GET", "database/instances/local/roles")
                #expect("\(instance.body)".contains("reporting"))
                let again = try await fixture.api(
                    "POST", "postgres/\(Self.roles)", #"{"spec":{"postgres_role":"reporting"}}"#)
                #expect(again.status == 400 && again.text("message") == "role with that name already exists")
                let password = try await fixture.api("POST", "postgres/\(Self.roles)/reporting/password", "{}")
                #expect(password.status == 400)

                // What SQL did last is seen although nobody asks before the compute sleeps, nor does asking wake it.
                _ = try await fixture.sql(
                    "ALTER ROLE reporting NOCREATEDB; DROP ROLE \"bob@example.com\"; CREATE ROLE late")
                await fixture.lakebase.suspendCompute()
                await fixture.lakebase.wait(for: .idle)
                let starts = fixture.lakebase.counts.computeStarts
                let asleep = try await listed()
                #expect(Set(asleep.keys) == Set(before.keys).union(["reporting", "late"]))
                #expect(asleep["reporting"]?["attributes"]?["createdb"] == .boolean(false))
                #expect(fixture.lakebase.counts.computeStarts == starts)
                // They are roles like others: a branch has them, and the API drops them.
                let dev = try await fixture.branch("dev")
                let inherited = try await fixture.api("GET", "postgres/\(dev)/roles/late")
                #expect(inherited.status == 200)
                _ = try await fixture.operate("DELETE", Self.roles + "/late")
                #expect(try await fixture.sql("SELECT count(*) FROM pg_roles WHERE rolname = 'late'") == "0")
            }
        }

        @Test func `a native password opens the database where the project allows it, and nothing else does`()
            async throws
        {
            try await Fixture.with { fixture in
                let made = try await fixture.operate(
                    "POST", Self.roles + "?role_id=svc", #"{"spec":{"postgres_role":"svc"}}"#)
                #expect(made.text("response.status.auth_method") == "PG_PASSWORD_SCRAM_SHA_256")
                #expect(made.text("response.status.identity_type") == "IDENTITY_TYPE_UNSPECIFIED")
                let revealed = try await fixture.api("POST", "postgres/\(Self.roles)/svc/password", "{}")
                let password = Secret(try #require(revealed.text("password")))
                let closed = try await fixture.psql("SELECT 1", user: "svc", password: password)
                #expect(closed.text.contains("native postgres login is disabled for this endpoint"), "\(closed.text)")
                #expect(try await fixture.psql("SELECT 1", password: Secret("wrong")).text.contains("not a valid JWT"))

                let body = #"{"spec":{"enable_pg_native_login":true}}"#
                _ = try await fixture.operate("PATCH", "projects/local?update_mask=spec.enable_pg_native_login", body)
                let output = try await fixture.psql("SELECT current_user", user: "svc", password: password)
                #expect(output.text == "svc", "\(output.text)")
                let wrong = try await fixture.psql("SELECT 1", user: "svc", password: Secret("wrong"))
                #expect(wrong.status == 2 && wrong.text.contains("password authentication failed"), "\(wrong.text)")
                // A role of an identity has no password, and one that only bears its mark gets no further.
                #expect(try await fixture.psql("SELECT 1", password: Secret("wrong")).text.contains("not a valid JWT"))
                _ = try await fixture.psql("GRANT databricks_identity_user TO svc")
                let marked = try await fixture.psql("SELECT 1", user: "svc", password: Secret("wrong"))
                #expect(marked.status == 2, "\(marked.text)")
                // A token stays a token.
                #expect(try await fixture.psql("SELECT 1").text == "1")
            }
        }

        @Test func `a database is made, renamed, given away and dropped`() async throws {
            try await Fixture.with { fixture in
                let owner = Self.roles + "/developer"
                let made = try await fixture.operate(
                    "POST", Self.databases + "?database_id=shop",
                    #"{"spec":{"postgres_database":"my_shop","role":"\#(owner)"}}"#
                )
                #expect(made.text("response.status.role") == owner)
                #expect(try await fixture.psql("SELECT current_database()", database: "my_shop").text == "my_shop")
                let app = Self.roles + "/sp-" + fixture.ready.app.userName
                _ = try await fixture.operate(
                    "PATCH", Self.databases + "/shop?update_mask=spec",
                    #"{"spec":{"postgres_database":"our_shop","role":"\#(app)"}}"#
                )
                let names = try await fixture.sql(
                    "SELECT datname || ' ' || pg_get_userbyid(datdba) FROM pg_database WHERE datname LIKE '%shop'"
                )
                #expect(names == "our_shop \(fixture.ready.app.userName)")

                // The owner cannot go before the database has another one.
                let kept = try await fixture.api("DELETE", "postgres/" + app)
                #expect(kept.status == 400)
                let heir = owner.replacing("/", with: "%2F")
                let dropped = try await fixture.operate("DELETE", app + "?reassign_owned_to=" + heir)
                #expect(dropped["error"] == nil, "\(dropped.body)")
                #expect(
                    try await fixture.sql("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'our_shop'")
                        == "developer@example.com")
                _ = try await fixture.operate("DELETE", Self.databases + "/shop")
                #expect(try await fixture.sql("SELECT count(*) FROM pg_database WHERE datname = 'our_shop'") == "0")
            }
        }

        @Test func `a child of a protected branch has other passwords`() async throws {
            try await Fixture.with { fixture in
                _ = try await fixture.operate("POST", Self.roles + "?role_id=svc", #"{"spec":{"postgres_role":"svc"}}"#)
                func password(_ branch: String) async throws -> String? {
                    try await fixture.api("POST", "postgres/\(branch)/roles/svc/password", "{}").text("password")
                }
                let original = try await password(LocalProject.branchName)
                let same = try await fixture.branch("same")
                #expect(try await password(same) == original && original != nil)
                _ = try await fixture.operate(
                    "PATCH", LocalProject.branchName + "?update_mask=spec.is_protected",
                    #"{"spec":{"is_protected":true}}"#
                )
                let other = try await fixture.branch("other")
                let changed = try await password(other)
                #expect(changed != nil && changed != original)
            }
        }
    }
}

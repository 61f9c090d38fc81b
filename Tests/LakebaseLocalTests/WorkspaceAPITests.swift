//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

/// The workspace's HTTP services over a socket.
extension WholeLakebaseTests {
    @Suite("Workspace API", .serialized) struct WorkspaceAPITests {
        @Test func `answers and refusals have the service's shapes`() async throws {
            try await Fixture.with { fixture in
                let config = try await fixture.http("GET", "/.well-known/databricks-config")
                #expect(config["oidc_endpoint"] == fixture.ready.host + "/oidc")
                #expect(config["workspace_id"] == fixture.ready.workspaceID)
                let discovery = try await fixture.http("GET", "/oidc/.well-known/oauth-authorization-server")
                #expect(discovery["token_endpoint"] == fixture.ready.host + "/oidc/v1/token")

                for identity in LocalLakebase.Identity.allCases {
                    let me = try await fixture.http(
                        "GET", "/api/2.0/preview/scim/v2/Me", token: try await fixture.apiToken(identity)
                    )
                    #expect(me["userName"] == fixture.ready.identity(identity).userName)
                    #expect(me.headers["x-databricks-org-id"] == fixture.ready.workspaceID)
                }

                let wrong = try await fixture.http(
                    "POST", "/oidc/v1/token", basic: (fixture.ready.app.userName, Secret("wrong")),
                    body: "grant_type=client_credentials"
                )
                #expect(wrong.status == 401 && wrong["error"] == "invalid_client")
                #expect(wrong.headers["content-type"] == "application/json")

                let token = fixture.ready.developer.credential
                for (method, path, body, status, code) in [
                    ("GET", "/nowhere", nil, 404, "ENDPOINT_NOT_FOUND"),
                    ("POST", "/api/2.0/postgres/credentials", "{", 400, "MALFORMED_REQUEST"),
                    ("POST", "/api/2.0/postgres/credentials", "{}", 400, "INVALID_PARAMETER_VALUE"),
                    ("POST", "/api/2.0/postgres/credentials", #"{"endpoint":7}"#, 400, "INVALID_PARAMETER_VALUE"),
                    (
                        "POST", "/api/2.0/postgres/credentials",
                        #"{"endpoint":"projects/x/branches/y/endpoints/z"}"#, 404, "NOT_FOUND"
                    ),
                    (
                        "POST", "/api/2.0/postgres/credentials",
                        #"{"endpoint":"\#(LocalProject.endpointName)","ttl":"299s"}"#, 400, "INVALID_PARAMETER_VALUE"
                    ),
                    ("POST", "/api/2.0/database/credentials", "{}", 400, "INVALID_PARAMETER_VALUE"),
                    ("POST", "/api/2.0/database/credentials", #"{"instance_names":["x"]}"#, 404, "NOT_FOUND"),
                    ("POST", "/api/2.0/postgres/projects", "{}", 400, "INVALID_PARAMETER_VALUE"),
                    ("POST", "/api/2.0/postgres/catalogs", "{}", 501, "NOT_IMPLEMENTED"),
                ] as [(String, String, String?, Int, String)] {
                    let answer = try await fixture.http(method, path, token: token, body: body)
                    #expect(answer.status == status, "\(method) \(path) \(body ?? "")")
                    #expect(answer["error_code"] == code)
                    #expect(answer["message"]?.isEmpty == false)
                }
                let nobody = try await fixture.http("GET", "/api/2.0/postgres/projects")
                #expect(nobody.status == 401 && nobody["error_code"] == "UNAUTHENTICATED")
                let password = try await fixture.credential(.developer)
                #expect(try await fixture.http("GET", "/api/2.0/postgres/projects", token: password).status == 403)
            }
        }

        @Test func `the database instance API mints passwords that work`() async throws {
            try await Fixture.with { fixture in
                let answer = try await fixture.http(
                    "POST", "/api/2.0/database/credentials", token: fixture.ready.developer.credential,
                    body: #"{"instance_names":["local"],"request_id":"1"}"#
                )
                #expect(answer["expiration_time"]?.hasSuffix("Z") == true)
                let token = Secret(try #require(answer["token"]))
                #expect(try await fixture.psql("SELECT 1", password: token).text == "1")
            }
        }

        @Test func `the endpoint's state is what the compute does`() async throws {
            try await Fixture.with { fixture in
                func state() async throws -> String? {
                    let answer = try await fixture.http(
                        "GET", "/api/2.0/postgres/\(LocalProject.endpointName)",
                        token: fixture.ready.developer.credential
                    )
                    let object = try JSONSerialization.jsonObject(with: answer.body) as? [String: Any]
                    return (object?["status"] as? [String: Any])?["current_state"] as? String
                }
                #expect(try await state() == "IDLE")
                _ = try await fixture.sql("SELECT 1")
                #expect(try await state() == "ACTIVE")
                await fixture.lakebase.suspendCompute()
                await fixture.lakebase.wait(for: .idle)
                #expect(try await state() == "IDLE")
            }
        }

        @Test func `a token service that is down stays down until the switch is off`() async throws {
            try await Fixture.with { fixture in
                fixture.lakebase.faults.credentials = .unavailable(retryAfter: 7)
                let body = #"{"endpoint":"\#(LocalProject.endpointName)"}"#
                let token = fixture.ready.developer.credential
                let down = try await fixture.http("POST", "/api/2.0/postgres/credentials", token: token, body: body)
                #expect(down.status == 503 && down.headers["retry-after"] == "7")
                fixture.lakebase.faults.credentials = .disconnect
                await #expect(throws: (any Error).self) {
                    try await fixture.http("POST", "/api/2.0/postgres/credentials", token: token, body: body)
                }
                fixture.lakebase.faults.credentials = nil
                let up = try await fixture.http("POST", "/api/2.0/postgres/credentials", token: token, body: body)
                #expect(up.status == 200)
                #expect(fixture.lakebase.counts.credentialsMinted == 1)
            }
        }

        @Test func `an environment does not show its values`() async throws {
            try await Fixture.with { fixture in
                for identity in LocalLakebase.Identity.allCases {
                    let environment = fixture.ready.environment(for: identity)
                    var text = "\(environment) \(fixture.ready)"
                    dump(environment, to: &text)
                    dump(fixture.ready, to: &text)
                    fixture.ready.identity(identity).credential.withUnsafeValue { #expect(!text.contains($0)) }
                    // As on the platform; libpq verifies with it where there is a root certificate.
                    #expect(environment["PGSSLMODE"] == "require")
                    #expect(environment["PGSSLROOTCERT"] == fixture.ready.certificateFile)
                    #expect(environment["NODE_EXTRA_CA_CERTS"] == fixture.ready.nodeCertificateFile)
                    #expect(environment["LAKEBASE_ENDPOINT"] == LocalProject.endpointName)
                }
                #expect(fixture.ready.environment(for: .app).names.contains("DATABRICKS_CLIENT_SECRET"))
                #expect(fixture.ready.environment(for: .developer).names.contains("DATABRICKS_TOKEN"))
            }
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

@Suite("Scopes of secrets") struct SecretScopeTests {
    private static func file() throws -> String {
        try PrivateFile.makeTemporaryDirectory("/tmp/lakebase-scopes.XXXXXX")
    }

    @Test func `a file from before there were permissions is read, and kept with them`() throws {
        let folder = try Self.file()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/scopes.json"
        try PrivateFile.write(Data(#"{"version":{"k":{"value":"dg==","updated":7}},"empty":{}}"#.utf8), to: file)
        let scopes = try SecretScopes(file: file)
        #expect(scopes.names == ["empty", "version"])
        #expect(scopes.value(of: "k", in: "version") == Secret("v"))
        #expect(try scopes.access(to: "version") == ScopeAccess())
        try scopes.put(.read, for: "users", on: "version")
        let again = try SecretScopes(file: file)
        #expect(again.value(of: "k", in: "version") == Secret("v") && again.names == ["empty", "version"])
        #expect(try again.access(to: "version").items == [.init(principal: "users", permission: .read)])
    }

    @Test func `each permission includes those before it, and the most of a name and all users counts`() {
        #expect(ScopePermission.read < .write && ScopePermission.write < .manage)
        var access = ScopeAccess()
        access.put(.manage, for: "caf\u{E9}")
        access.put(.write, for: "users")
        #expect(access.permission(of: "cafe\u{301}") == nil, "another name")
        let who = WorkspaceRightsTests.who(.servicePrincipal)
        #expect(access.permission(of: who) == .write)
        #expect(access.with(.manage, for: who.userName).permission(of: who) == .manage)
        #expect(access.with(.read, for: who.userName).permission(of: who) == .write)
        #expect(access.with(.read, for: "users").permission(of: "users") == .write, "it takes nothing away")
        #expect(access.remove("users") && !access.remove("users") && access.permission(of: who) == nil)
    }
}

/// The same through the API.
extension WholeLakebaseTests {
    @Suite("Secrets by the API", .serialized) struct SecretAccessTests {
        private static func call(
            _ fixture: Fixture, _ method: String, _ path: String, _ token: Secret, _ body: String? = nil
        ) async throws -> (status: Int, text: String) {
            let answer = try await fixture.http(method, "/api/2.0/secrets/\(path)", token: token, body: body)
            return (answer.status, String(decoding: answer.body, as: UTF8.self))
        }

        @Test func `an app reads the secrets that are its resources, as long as they are`() async throws {
            try await AppFixture.with { apps in
                let fixture = apps.fixture
                let owner = fixture.ready.developer.credential
                for scope in ["keys", "others"] {
                    for (path, body) in [
                        ("scopes/create", #"{"scope":"\#(scope)"}"#),
                        ("put", #"{"scope":"\#(scope)","key":"k","string_value":"hush"}"#),
                    ] {
                        #expect(try await Self.call(fixture, "POST", path, owner, body).status == 200)
                    }
                }
                let app = try await apps.create(
                    .init(name: "notes", resources: [.init(name: "s", secret: .init(scope: "keys", key: "k"))]))
                let client = try #require(app.servicePrincipalClientID)
                let made = try await apps.client.servicePrincipalSecrets.create(
                    forServicePrincipal: String(try #require(app.servicePrincipalID)))
                let answer = try await fixture.http(
                    "POST", "/oidc/v1/token", basic: (client, try #require(made.secret)),
                    body: "grant_type=client_credentials&scope=all-apis")
                let token = Secret(try #require(answer["access_token"]))
                let got = try await Self.call(fixture, "GET", "get?scope=keys&key=k", token)
                #expect(got.status == 200 && got.text.contains(Data("hush".utf8).base64EncodedString()), "\(got)")
                #expect(try await Self.call(fixture, "GET", "list?scope=keys", token).status == 200)
                let scopes = try await Self.call(fixture, "GET", "scopes/list", token)
                #expect(scopes.text.contains("keys") && !scopes.text.contains("others"), "\(scopes)")
                let listed = try await Self.call(fixture, "GET", "acls/list?scope=keys", owner)
                #expect(listed.text.contains(client) && listed.text.contains("READ"), "\(listed)")
                for (method, path, body) in [
                    ("GET", "get?scope=others&key=k", nil), ("GET", "acls/list?scope=keys", nil),
                    ("POST", "put", #"{"scope":"keys","key":"k","string_value":"x"}"#),
                    ("POST", "delete", #"{"scope":"keys","key":"k"}"#),
                    ("POST", "scopes/delete", #"{"scope":"keys"}"#),
                    ("POST", "acls/put", #"{"scope":"others","principal":"users","permission":"READ"}"#),
                ] as [(String, String, String?)] {
                    let refused = try await Self.call(fixture, method, path, token, body)
                    #expect(refused.status == 403 && refused.text.contains("PERMISSION_DENIED"), "\(path): \(refused)")
                    #expect(!refused.text.contains("hush"))
                }
                #expect(try await Self.call(fixture, "GET", "get?scope=none&key=k", token).status == 404)
                // With the resource goes what came with it.
                _ = try await fixture.http("PATCH", "/api/2.0/apps/notes", token: owner, body: #"{"resources":[]}"#)
                #expect(try await Self.call(fixture, "GET", "get?scope=keys&key=k", token).status == 403)
            }
        }

        @Test func `permissions are put, read, listed and taken away`() async throws {
            try await Fixture.with { fixture in
                let (owner, app) = (fixture.ready.developer.credential, try await fixture.apiToken(.app))
                let name = fixture.ready.app.userName
                func own(_ method: String, _ path: String, _ body: String? = nil) async throws -> (
                    status: Int, text: String
                ) { try await Self.call(fixture, method, path, owner, body) }
                #expect(try await own("POST", "scopes/create", #"{"scope":"s"}"#).status == 200)
                #expect(try await own("GET", "acls/list?scope=s").text.contains("MANAGE"), "its maker manages it")
                #expect(try await own("GET", "acls/get?scope=s&principal=\(name)").status == 404)
                for (permission, put) in [("READ", 403), ("WRITE", 200), ("MANAGE", 200)] {
                    let body = #"{"scope":"s","principal":"\#(name)","permission":"\#(permission)"}"#
                    #expect(try await own("POST", "acls/put", body).status == 200)
                    #expect(try await own("GET", "acls/get?scope=s&principal=\(name)").text.contains(permission))
                    let value = #"{"scope":"s","key":"k","string_value":"v"}"#
                    #expect(try await Self.call(fixture, "POST", "put", app, value).status == put, "\(permission)")
                }
                let taken = #"{"scope":"s","principal":"\#(name)"}"#
                #expect(try await own("POST", "acls/delete", taken).status == 200)
                #expect(try await own("POST", "acls/delete", taken).status == 404)
                #expect(try await Self.call(fixture, "GET", "get?scope=s&key=k", app).status == 403)
                let users = #"{"scope":"s","principal":"users","permission":"READ"}"#
                #expect(try await own("POST", "acls/put", users).status == 200)
                #expect(try await Self.call(fixture, "GET", "get?scope=s&key=k", app).status == 200)
                for (body, status) in [
                    (#"{"scope":"s","principal":"nobody@example.com","permission":"READ"}"#, 400),
                    (#"{"scope":"s","principal":"users","permission":"OWN"}"#, 400),
                    (#"{"scope":"none","principal":"users","permission":"READ"}"#, 404),
                    (#"{"scope":"s","permission":"READ"}"#, 400),
                ] {
                    #expect(try await own("POST", "acls/put", body).status == status, "\(body)")
                }
                // Everybody makes scopes, and manages those.
                let theirs = #"{"scope":"theirs"}"#
                #expect(try await Self.call(fixture, "POST", "scopes/create", app, theirs).status == 200)
                #expect(try await Self.call(fixture, "GET", "acls/list?scope=theirs", app).text.contains(name))
                #expect(
                    try await own(
                        "POST", "scopes/create", #"{"scope":"all","initial_manage_principal":"users"}"#
                    ).status == 200)
                #expect(try await Self.call(fixture, "POST", "scopes/delete", app, #"{"scope":"all"}"#).status == 200)
                #expect(
                    try await own("POST", "scopes/create", #"{"scope":"x","initial_manage_principal":"admins"}"#)
                        .status == 400)
            }
        }
    }
}

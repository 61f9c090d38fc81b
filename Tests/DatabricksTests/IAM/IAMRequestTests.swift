//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@Suite("Requests about identities", .timeLimit(.minutes(1)))
struct IAMRequestTests {
    private let scim = "/api/2.0/preview/scim/v2"
    private let secrets = "/api/2.0/accounts/servicePrincipals/77/credentials/secrets"

    @Test func `service principals`() async throws {
        let root = self.scim + "/ServicePrincipals"
        let schema = #""schemas":["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"]"#
        try await APIServer.check([
            .init("GET \(self.scim)/Me") { _ = try await $0.currentUser.me() },
            .init("GET \(self.scim)/Me?attributes=id%2CuserName&excludedAttributes=groups") {
                _ = try await $0.currentUser.me(attributes: ["id", "userName"], excludedAttributes: ["groups"])
            },
            .init("POST \(root)", #"{\#(schema),"displayName":"deployer","active":true}"#) {
                _ = try await $0.servicePrincipals.create(.init(displayName: "deployer", active: true))
            },
            .init("GET \(root)/77") { _ = try await $0.servicePrincipals.get("77") },
            .init("PUT \(root)/77", #"{\#(schema),"displayName":"d2"}"#) {
                try await $0.servicePrincipals.update("77", to: .init(displayName: "d2"))
            },
            .init(
                "PATCH \(root)/77",
                #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}"#
            ) {
                try await $0.servicePrincipals.patch(
                    "77", [.init(op: "replace", path: "active", value: .boolean(false))])
            },
            .init("DELETE \(root)/77") { try await $0.servicePrincipals.delete("77") },
            .init(
                "GET \(root)?filter=displayName%20eq%20%22d%22&startIndex=1&count=5"
            ) {
                _ = try await $0.servicePrincipals.list(filter: #"displayName eq "d""#, pageSize: 5).all()
            },
        ])
    }

    @Test func `pages of SCIM are counted`() async throws {
        try await APIServer.with({ _, number in
            switch number {
            case 1: .json(#"{"totalResults":3,"startIndex":1,"Resources":[{"id":"1"},{"id":"2"}]}"#)
            default: .json(#"{"totalResults":3,"startIndex":3,"Resources":[{"id":"3"}]}"#)
            }
        }) { client, server in
            let all = try await client.servicePrincipals.list(pageSize: 2).all()
            #expect(all.map(\.id) == ["1", "2", "3"])
            #expect(
                server.lines.map { $0.split(separator: "?").last } == ["startIndex=1&count=2", "startIndex=3&count=2"])
        }
    }

    @Test func `without a total an empty page is the end`() async throws {
        try await APIServer.with({ _, number in
            number == 1 ? .json(#"{"Resources":[{"id":"1"}]}"#) : .json("{}")
        }) { client, server in
            let all = try await client.servicePrincipals.list().all()
            #expect(all.map(\.id) == ["1"] && server.calls.count == 2)
        }
    }

    @Test func `client secrets`() async throws {
        let root = self.secrets
        try await APIServer.check(
            [
                .init("POST \(root)", "{}") {
                    let created = try await $0.servicePrincipalSecrets.create(forServicePrincipal: "77")
                    #expect(created.secret == Secret("canary"))
                },
                .init("POST \(root)", #"{"lifetime":"3600s","scopes":["sql"]}"#) {
                    _ = try await $0.servicePrincipalSecrets.create(
                        forServicePrincipal: "77", lifetime: .seconds(3_600), scopes: ["sql"])
                },
                .init("GET \(root)?page_size=9") {
                    _ = try await $0.servicePrincipalSecrets.list(ofServicePrincipal: "77", pageSize: 9).all()
                },
                .init("DELETE \(root)/s1") {
                    try await $0.servicePrincipalSecrets.delete("s1", ofServicePrincipal: "77")
                },
            ], answering: .json(#"{"id":"s1","secret":"canary"}"#))
    }

    @Test func `creation without a secret is an error`() async throws {
        try await APIServer.with({ _, _ in .json(#"{"id":"s1"}"#) }) { client, _ in
            let error = await #expect(throws: DatabricksError.self) {
                try await client.servicePrincipalSecrets.create(forServicePrincipal: "77")
            }
            #expect(error?.code == .invalidResponse)
        }
    }
}

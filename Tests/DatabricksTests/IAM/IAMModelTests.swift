//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@Suite("Identities on the wire")
struct IAMModelTests {
    @Test func `user of the reference`() throws {
        let user = try WireCheck.decode(
            IAM.User.self,
            """
            {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:workspace:2.0:User"],
             "id": "1234", "userName": "a@example.com", "displayName": "A", "active": true,
             "name": {"givenName": "A", "familyName": "B"},
             "emails": [{"value": "a@example.com", "type": "work", "primary": true}],
             "groups": [{"display": "admins", "type": "direct", "value": "1", "$ref": "Groups/1"}],
             "entitlements": [{"value":"workspace-access"}], "roles": [], "externalId": "x", "newField": {"a": 1}}
            """
        )
        #expect(user.userName == "a@example.com" && user.groups?.first?.reference == "Groups/1")
        #expect(user.entitlements?.first?.value == "workspace-access" && user.externalID == "x")
    }

    @Test func `id that is a number is read as its text`() throws {
        let user = try WireCheck.decode(IAM.User.self, #"{"id": 1234, "userName": "a@example.com"}"#)
        #expect(user.id == "1234" && user.userName == "a@example.com")
        #expect(try WireCheck.decode(IAM.ServicePrincipal.self, #"{"id": 77}"#).id == "77")
        #expect(try WireCheck.decode(IAM.User.self, #"{"id": null}"#).id == nil)
    }

    @Test func `service principal`() throws {
        let principal = try WireCheck.roundTrip(
            IAM.ServicePrincipal.self,
            """
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"],"id":"77","applicationId":"5a-6b","displayName":"deployer",
            "active":true,"groups":[{"display":"users","value":"1"}],"roles":[{"value":"r"}],"entitlements":[{"value":"workspace-access"}],
            "externalId":"e"}
            """
        )
        #expect(principal.applicationID == "5a-6b")
        let page = try WireCheck.roundTrip(
            IAM.ListServicePrincipalsResponse.self,
            #"{"schemas":["s"],"totalResults":3,"startIndex":1,"itemsPerPage":1,"Resources":[{"id":"77"}]}"#)
        #expect(page.resources?.first?.id == "77" && page.totalResults == 3)
        _ = try WireCheck.roundTrip(
            IAM.PatchRequest.self,
            #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"entitlements","value":[{"value":"v"}]}]}"#
        )
    }

    @Test func `client secret is answered once and does not show`() throws {
        let created = try WireCheck.roundTrip(
            IAM.ServicePrincipalSecret.self,
            """
            {"id":"s1","secret":"dose-canary","secret_hash":"h","status":"ACTIVE","create_time":"2026-01-02T03:04:05Z",
            "update_time":"2026-01-02T03:04:05Z","expire_time":"2028-01-02T03:04:05Z","scopes":["all-apis"]}
            """
        )
        #expect(created.secret == Secret("dose-canary"))
        #expect(!"\(created)".contains("canary") && !String(reflecting: created).contains("canary"))
        let listed = try WireCheck.roundTrip(
            IAM.ListServicePrincipalSecretsResponse.self,
            #"{"secrets":[{"id":"s1","status":"ACTIVE"}],"next_page_token":"t"}"#)
        #expect(listed.secrets?.first?.secret == nil)
        let request = try WireCheck.encode(IAM.CreateServicePrincipalSecretRequest(lifetime: .seconds(3_600)))
        #expect(request == .object(["lifetime": .string("3600s")]))
        let odd = try WireCheck.decode(
            IAM.ServicePrincipalSecret.self, #"{"id":"s","status":"ODD","create_time":"1.1.2026"}"#)
        #expect(odd.status == "ODD" && odd.createTime == nil)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@Suite("Resources on the wire")
struct ModelTests {
    private func decode<T: Decodable>(_ type: T.Type = T.self, _ json: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(json.utf8))
    }

    private func encode(_ value: some Encodable) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    }

    /// Reads a resource, writes it, and expects the same JSON.
    private func roundTrip<T: Codable & Equatable>(_ type: T.Type, _ json: String) throws -> T {
        let value = try self.decode(type, json)
        #expect(try self.encode(value) == self.decode(JSONValue.self, json))
        #expect(try JSONDecoder().decode(type, from: JSONEncoder().encode(value)) == value)
        return value
    }

    @Test func `project`() throws {
        let project = try self.roundTrip(
            Postgres.Project.self,
            """
            {"name":"projects/p","uid":"u","create_time":"2026-01-02T03:04:05.5Z","status":{"project_id":"p","display_name":"P",
            "pg_version":17,"history_retention_duration":"604800s","default_branch":"projects/p/branches/production","owner":"a@b.c",
            "default_endpoint_settings":{"autoscaling_limit_min_cu":0.5,"autoscaling_limit_max_cu":1,"suspend_timeout_duration":"86400s",
            "pg_settings":{"a":"b"}},"enable_pg_native_login":false,"branch_logical_size_limit_bytes":8796093022208,
            "custom_tags":[{"key":"k","value":"v"}]}}
            """
        )
        #expect(project.status?.branchLogicalSizeLimitBytes == 8_796_093_022_208)
        #expect(project.createTime == Date(timeIntervalSince1970: 1_767_323_045.5))
        #expect(project.spec == nil)
    }

    @Test func `endpoint`() throws {
        let endpoint = try self.roundTrip(
            Postgres.Endpoint.self,
            """
            {"name":"projects/p/branches/b/endpoints/e","uid":"ep-x","parent":"projects/p/branches/b","status":{"endpoint_id":"e",
            "endpoint_type":"ENDPOINT_TYPE_READ_WRITE","current_state":"IDLE","pending_state":"ACTIVE","hosts":{"host":"h",
            "read_write_pooled_host":"q"},"disabled":false,"group":{"min":1,"max":1,"enable_readable_secondaries":false},
            "suspend_timeout_duration":"300s","last_active_time":"2026-01-02T03:04:05Z"}}
            """
        )
        #expect(endpoint.status?.endpointType == .readWrite)
        #expect(endpoint.status?.currentState == .idle)
        #expect(endpoint.status?.hosts?.host == "h")
        #expect(endpoint.status?.suspendTimeoutDuration == .seconds(300))
    }

    @Test func `branch, role, database and operation`() throws {
        let branch = try self.roundTrip(
            Postgres.Branch.self,
            #"{"name":"n","spec":{"ttl":"86400s","source_branch_time":"2026-01-02T03:04:05Z","source_branch_lsn":"0/1"},"status":{"default":true,"is_protected":false,"current_state":"READY"}}"#
        )
        #expect(branch.status?.isDefault == true && branch.spec?.ttl == .seconds(86_400))
        let role = try self.roundTrip(
            Postgres.Role.self,
            #"{"name":"r","status":{"postgres_role":"a@b.c","identity_type":"USER","auth_method":"LAKEBASE_OAUTH_V1","membership_roles":["DATABRICKS_SUPERUSER"],"attributes":{"createdb":true,"createrole":false,"bypassrls":false}}}"#
        )
        #expect(role.status?.membershipRoles == [.databricksSuperuser])
        _ = try self.roundTrip(
            Postgres.Database.self, #"{"name":"d","status":{"postgres_database":"databricks_postgres","role":"r"}}"#)
        let operation = try self.roundTrip(
            Postgres.Operation.self,
            #"{"name":"projects/p/operations/a+/=","done":true,"metadata":{"@type":"t"},"response":{"name":"projects/p","n":1,"f":1.5,"b":true,"z":null,"l":[1]}}"#
        )
        #expect(operation.response?["name"]?.stringValue == "projects/p")
    }

    @Test func `instance, user and OAuth documents`() throws {
        let instance = try self.roundTrip(
            Database.Instance.self,
            #"{"name":"i","uid":"u","state":"AVAILABLE","read_write_dns":"h","capacity":"CU_1","effective_stopped":false,"effective_node_count":1,"retention_window_in_days":7,"creation_time":"2026-01-02T03:04:05Z","parent_instance_ref":{"name":"p","branch_time":"2026-01-02T03:04:05Z","lsn":"0/1"}}"#
        )
        #expect(instance.state == .available && instance.readWriteDNS == "h")
        let user = try self.roundTrip(
            IAM.User.self,
            #"{"schemas":["s"],"id":"1","userName":"a@b.c","displayName":"A","active":true,"name":{"givenName":"A"},"emails":[{"value":"a@b.c","primary":true}],"groups":[{"display":"g","$ref":"Groups/1"}],"externalId":"x"}"#
        )
        #expect(user.userName == "a@b.c" && user.groups?.first?.reference == "Groups/1")
        _ = try self.roundTrip(
            OAuth.AuthorizationServerMetadata.self,
            #"{"issuer":"i","authorization_endpoint":"a","token_endpoint":"t","jwks_uri":"k","token_endpoint_auth_methods_supported":["client_secret_basic"]}"#
        )
        _ = try self.roundTrip(OAuth.ErrorResponse.self, #"{"error":"invalid_client","error_description":"no"}"#)
        _ = try self.roundTrip(
            APIErrorBody.self, #"{"error_code":"NOT_FOUND","message":"m","details":[{"@type":"t"}]}"#)
        let numeric = try self.decode(OAuth.HostMetadata.self, #"{"oidc_endpoint":"e","workspace_id":900800700600}"#)
        #expect(numeric.workspaceID == "900800700600")
    }

    @Test func `numbers may be text, lists may be null, unknown names and fields are harmless`() throws {
        let project = try self.decode(
            Postgres.Project.self,
            #"{"status":{"pg_version":"17","custom_tags":null,"compute_last_active_time":null,"new":{"x":1}}}"#
        )
        #expect(
            project.status?.pgVersion == 17 && project.status?.customTags == nil
                && project.status?.computeLastActiveTime == nil)
        let endpoint = try self.decode(Postgres.Endpoint.self, #"{"status":{"current_state":"HIBERNATING"}}"#)
        #expect(endpoint.status?.currentState?.rawValue == "HIBERNATING")
    }

    @Test(
        arguments: [
            #"{"delete_time":"2026-01-02T03:04:05"}"#, #"{"delete_time":5}"#, #"{"status":{"pg_version":"x"}}"#,
            #"{"status":{"pg_version":99999999999999999999}}"#, #"{"status":{"history_retention_duration":300}}"#,
            #"{"status":{"history_retention_duration":"5m"}}"#, "[]", "1", "null",
        ]
    )
    func `wrong values are errors, not traps`(json: String) {
        #expect(throws: (any Error).self) { try self.decode(Postgres.Project.self, json) }
    }

    @Test(arguments: [#""2026-01-02T03:04:05""#, #""soon""#, "5", "{}", "[1]"])
    func `time that is only shown and cannot be read is left out, and the rest is read`(time: String) throws {
        let project = try self.decode(
            Postgres.Project.self,
            #"{"name":"projects/p","create_time":\#(time),"update_time":"2026-01-02T03:04:05Z"}"#)
        #expect(project.name == "projects/p" && project.createTime == nil && project.updateTime != nil)
        let list = try self.decode(
            [Postgres.Branch].self,
            #"[{"name":"a","status":{"state_change_time":\#(time),"expire_time":\#(time)}},{"name":"b"}]"#)
        #expect(list.map(\.name) == ["a", "b"] && list[0].status?.expireTime == nil)
        let endpoint = try self.decode(Postgres.Endpoint.self, #"{"name":"e","status":{"last_active_time":\#(time)}}"#)
        #expect(endpoint.name == "e" && endpoint.status?.lastActiveTime == nil)
        let instance = try self.decode(Database.Instance.self, #"{"name":"i","creation_time":\#(time)}"#)
        #expect(instance.name == "i" && instance.creationTime == nil)
        // What decides something is not guessed.
        #expect(throws: (any Error).self) {
            try self.decode(Postgres.Branch.self, #"{"spec":{"expire_time":\#(time)}}"#)
        }
    }

    @Test func `nil is written as nothing`() throws {
        #expect(try self.encode(Postgres.Project()) == .object([:]))
        #expect(
            try self.encode(Postgres.GenerateDatabaseCredentialRequest(endpoint: "e", ttl: .seconds(600)))
                == .object(["endpoint": .string("e"), "ttl": .string("600s")]))
    }

    @Test func `credentials go both ways under the name of each API`() throws {
        let end = Date(timeIntervalSince1970: 1_767_323_045)
        let autoscaling = try self.encode(Postgres.DatabaseCredential(token: Secret("t"), expireTime: end))
        #expect(autoscaling == .object(["token": .string("t"), "expire_time": .string("2026-01-02T03:04:05Z")]))
        let provisioned = try self.encode(Database.DatabaseCredential(token: Secret("t"), expirationTime: end))
        #expect(provisioned == .object(["token": .string("t"), "expiration_time": .string("2026-01-02T03:04:05Z")]))
        let read = try self.decode(
            Postgres.DatabaseCredential.self, #"{"token":"t","expire_time":"2026-01-02T03:04:05Z"}"#)
        #expect(read == Postgres.DatabaseCredential(token: Secret("t"), expireTime: end))
        for json in [
            #"{"token":"t"}"#, #"{"expire_time":"2026-01-02T03:04:05Z"}"#, #"{"token":"t","expire_time":null}"#,
        ] {
            #expect(throws: (any Error).self) { try self.decode(Postgres.DatabaseCredential.self, json) }
        }
        let token = OAuth.TokenResponse(accessToken: Secret("t"), expiresIn: 3_600, scope: "all-apis")
        let text = try JSONEncoder().encode(token)
        #expect(try JSONDecoder().decode(OAuth.TokenResponse.self, from: text) == token)
        #expect(
            try self.decode(OAuth.TokenResponse.self, #"{"access_token":"t","token_type":"Bearer","expires_in":"60"}"#)
                .expiresIn == 60)
        #expect(throws: (any Error).self) {
            try self.decode(OAuth.TokenResponse.self, #"{"access_token":"t","token_type":"Bearer"}"#)
        }
    }
}

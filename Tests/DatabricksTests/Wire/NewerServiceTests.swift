//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

/// What the service may add at any time harms no resource: fields in every object, names in every set.
@Suite("Resources of a newer service")
struct NewerServiceTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let check: @Sendable () throws -> Void

        init<T: Codable & Equatable & Sendable>(_ type: T.Type, _ json: String) {
            self.testDescription = "\(type)"
            self.check = { try NewerServiceTests.check(type, json) }
        }
    }

    /// Adds a field to each object and changes every name in capitals to one that nobody knows.
    private static func newer(_ value: JSONValue, withFields: Bool) -> JSONValue {
        switch value {
        case .string(let text):
            let isName =
                text.utf8.count > 2
                && text.utf8.allSatisfy { (65...90).contains($0) || $0 == 95 || (48...57).contains($0) }
                && !text.utf8.allSatisfy { (48...57).contains($0) }
            return isName ? .string("BRAND_NEW") : value
        case .array(let items): return .array(items.map { self.newer($0, withFields: withFields) })
        case .object(let members):
            var changed = members.mapValues { self.newer($0, withFields: withFields) }
            if withFields { changed["zz_new"] = .object(["deep": .array([.integer(1), .null])]) }
            return .object(changed)
        case .null, .boolean, .integer, .number: return value
        }
    }

    private static func check<T: Codable & Equatable>(_ type: T.Type, _ json: String) throws {
        _ = try WireCheck.roundTrip(type, json)
        let shape = try WireCheck.decode(JSONValue.self, json)
        let extended = try JSONEncoder().encode(self.newer(shape, withFields: true))
        let read = try JSONDecoder().decode(type, from: extended)
        let written = try WireCheck.encode(read)
        #expect(written == self.newer(shape, withFields: false))
    }

    static let shapes: [Shape] = [
        Shape(
            Postgres.Project.self,
            """
            {"name":"projects/p","project_id":"p","uid":"u","create_time":"2026-01-02T03:04:05Z","update_time":"2026-01-02T03:04:05Z",
            "delete_time":"2026-01-02T03:04:05Z","purge_time":"2026-01-02T03:04:05Z","initial_branch_spec":{"is_protected":true},
            "initial_endpoint_spec":{"autoscaling_limit_min_cu":0.5,"autoscaling_limit_max_cu":1,"suspend_timeout_duration":"60s",
            "no_suspension":false,"group":{"min":1,"max":1}},
            "spec":{"display_name":"P","pg_version":17,"history_retention_duration":"172800s","default_branch":"b",
            "default_endpoint_settings":{"no_suspension":true},"enable_pg_native_login":true,"budget_policy_id":"b",
            "custom_tags":[{"key":"k","value":"v"}]},
            "status":{"project_id":"p","display_name":"P","pg_version":17,"history_retention_duration":"604800s","owner":"a@b.c",
            "default_endpoint_settings":{"autoscaling_limit_min_cu":1,"autoscaling_limit_max_cu":1,"suspend_timeout_duration":"86400s"},
            "default_branch":"projects/p/branches/production","enable_pg_native_login":false,"budget_policy_id":"b",
            "branch_logical_size_limit_bytes":8796093022208,"synthetic_storage_size_bytes":1,
            "compute_last_active_time":"2026-01-02T03:04:05Z"}}
            """),
        Shape(
            Postgres.Branch.self,
            """
            {"name":"n","branch_id":"b","parent":"projects/p","uid":"br-x","create_time":"2026-01-02T03:04:05Z",
            "spec":{"source_branch":"s","source_branch_lsn":"0/1","source_branch_time":"2026-01-02T03:04:05Z","source_snapshot":"t",
            "ttl":"86400s","expire_time":"2026-01-02T03:04:05Z","no_expiry":true,"is_protected":false},
            "status":{"branch_id":"b","current_state":"READY","pending_state":"ARCHIVED","state_change_time":"2026-01-02T03:04:05Z",
            "default":false,"is_protected":false,"expire_time":"2026-01-02T03:04:05Z","delete_time":"2026-01-02T03:04:05Z",
            "purge_time":"2026-01-02T03:04:05Z","logical_size_bytes":5,"source_branch":"s","source_branch_lsn":"0/1",
            "source_branch_time":"2026-01-02T03:04:05Z","source_snapshot":"t"}}
            """),
        Shape(
            Postgres.Endpoint.self,
            """
            {"name":"n","endpoint_id":"e","spec":{"endpoint_type":"ENDPOINT_TYPE_READ_WRITE","autoscaling_limit_min_cu":0.5,
            "autoscaling_limit_max_cu":16.5,"suspend_timeout_duration":"60s","disabled":true,"group":{"min":2,"max":2,
            "enable_readable_secondaries":true},"settings":{}},
            "status":{"endpoint_id":"e","endpoint_type":"ENDPOINT_TYPE_READ_ONLY","current_state":"IDLE","pending_state":"ACTIVE",
            "hosts":{"host":"h","read_only_host":"r","read_write_pooled_host":"p","read_only_pooled_host":"q"},
            "autoscaling_limit_min_cu":1,"autoscaling_limit_max_cu":1,"suspend_timeout_duration":"86400s","disabled":false,
            "last_active_time":"2026-01-02T03:04:05Z"}}
            """),
        Shape(
            Postgres.Role.self,
            """
            {"name":"n","role_id":"r","spec":{"postgres_role":"a@b.c","identity_type":"USER","auth_method":"NO_LOGIN",
            "membership_roles":["DATABRICKS_SUPERUSER"],"attributes":{"createdb":true,"createrole":false,"bypassrls":true}},
            "status":{"role_id":"r","postgres_role":"a","identity_type":"IDENTITY_TYPE_UNSPECIFIED",
            "auth_method":"PG_PASSWORD_SCRAM_SHA_256","attributes":{"createdb":false,"createrole":false,"bypassrls":false}}}
            """),
        Shape(
            Postgres.Database.self,
            #"{"name":"n","database_id":"d","spec":{"postgres_database":"x","role":"r"},"status":{"database_id":"d","postgres_database":"x","role":"r"}}"#
        ),
        Shape(
            Postgres.GenerateDatabaseCredentialRequest.self,
            #"{"endpoint":"e","ttl":"300s","expire_time":"2026-01-02T03:04:05Z","group_name":"g","claims":[{"permission_set":"READ_ONLY","resources":[{"table_name":"c.s.t"}]}]}"#
        ),
        Shape(
            Database.Instance.self,
            #"{"name":"i","capacity":"CU_1","state":"AVAILABLE","node_count":1,"stopped":false,"child_instance_refs":[{"name":"c","uid":"u","effective_lsn":"0/1"}],"effective_custom_tags":[{"key":"k"}],"usage_policy_id":"u","effective_usage_policy_id":"u"}"#
        ),
        Shape(
            Database.InstanceRole.self,
            #"{"name":"r","identity_type":"SERVICE_PRINCIPAL","membership_role":"DATABRICKS_SUPERUSER","attributes":{"createdb":true},"effective_attributes":{"bypassrls":false},"instance_name":"i"}"#
        ),
        Shape(
            Database.GenerateDatabaseCredentialRequest.self,
            #"{"instance_names":["i1"],"request_id":"u","claims":[{"permission_set":"READ_ONLY","resources":[{"unspecified_resource_name":"x"}]}]}"#
        ),
        Shape(
            Database.SyncedTable.self,
            #"{"name":"t","spec":{"scheduling_policy":"SNAPSHOT","type_overrides":[{"pg_type":"PG_SPECIFIC_TYPE_HALFVEC","size":3}]},"data_synchronization_status":{"detailed_state":"SYNCED_TABLE_ONLINE","last_sync":{"delta_table_sync_info":{"delta_commit_version":1}}}}"#
        ),
        Shape(
            Apps.App.self,
            #"{"name":"n","compute_size":"MEDIUM","compute_status":{"state":"ACTIVE"},"app_status":{"state":"RUNNING"},"resources":[{"name":"r","uc_securable":{"securable_type":"TABLE","permission":"SELECT"}}],"active_deployment":{"mode":"SNAPSHOT","status":{"state":"SUCCEEDED"},"health_check":{"timeout":"5s"}}}"#
        ),
        Shape(Apps.AppUpdate.self, #"{"status":{"state":"FAILED","message":"m"},"compute_size":"LARGE"}"#),
        Shape(
            Workspace.ObjectInfo.self, #"{"object_type":"NOTEBOOK","language":"SCALA","path":"/n","object_id":1}"#),
        Shape(IAM.ServicePrincipal.self, #"{"id":"1","applicationId":"5a","groups":[{"value":"1"}]}"#),
        Shape(IAM.ServicePrincipalSecret.self, #"{"id":"1","status":"ACTIVE","scopes":["sql"]}"#),
    ]

    @Test(arguments: shapes)
    func `new fields and names are harmless`(shape: Shape) throws { try shape.check() }
}

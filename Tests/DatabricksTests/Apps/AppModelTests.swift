//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@Suite("Apps on the wire")
struct AppModelTests {
    @Test func `permissions as the service answers them`() throws {
        let permissions = try WireCheck.roundTrip(
            Apps.Permissions.self,
            """
            {"object_id":"/apps/notes","object_type":"apps","access_control_list":[
            {"user_name":"a@b.c","display_name":"A","all_permissions":[{"permission_level":"CAN_MANAGE","inherited":false}]},
            {"service_principal_name":"5a","all_permissions":[{"permission_level":"CAN_USE","inherited":false}]},
            {"group_name":"admins","all_permissions":[{"permission_level":"CAN_MANAGE","inherited":true,
            "inherited_from_object":["/apps/"]}]}]}
            """
        )
        #expect(permissions.accessControlList?.last?.allPermissions?.first?.inheritedFromObject == ["/apps/"])
        let levels = try WireCheck.roundTrip(
            Apps.PermissionLevelsResponse.self,
            #"{"permission_levels":[{"permission_level":"CAN_USE","description":"d"},{"permission_level":"CAN_FLY"}]}"#
        )
        #expect(levels.permissionLevels?.map { $0.permissionLevel } == [.canUse, .init(rawValue: "CAN_FLY")])
    }

    @Test func `app as the service answers it`() throws {
        let app = try WireCheck.roundTrip(
            Apps.App.self,
            """
            {"name":"notes","id":"i","description":"d","url":"https://notes.example.com","creator":"a@b.c","updater":"a@b.c",
            "create_time":"2026-01-02T03:04:05Z","update_time":"2026-01-02T03:04:06Z",
            "app_status":{"state":"RUNNING","message":"m","running_instances":1},
            "compute_status":{"state":"ACTIVE","message":"m","active_instances":1},"compute_size":"MEDIUM",
            "compute_min_instances":1,"compute_max_instances":2,
            "active_deployment":{"deployment_id":"d1","source_code_path":"/Workspace/n","mode":"SNAPSHOT",
            "status":{"state":"SUCCEEDED","message":"m"},"deployment_artifacts":{"source_code_path":"/x"}},
            "pending_deployment":{"deployment_id":"d2"},"default_source_code_path":"/Workspace/n",
            "default_git_source":{"branch":"main","resolved_commit":"c","git_repository":{"url":"u","provider":"gitHub"}},
            "effective_budget_policy_id":"b","effective_usage_policy_id":"u","effective_user_api_scopes":["iam.current-user:read"],
            "budget_policy_id":"b","usage_policy_id":"u","forward_user_access_token":true,"user_api_scopes":["sql"],
            "git_repository":{"url":"u","provider":"gitHub","auto_deploy":true,"caller_credential_id":7},
            "git_source":{"tag":"t","source_code_path":"p"},"source_code_path":"/Workspace/n","space":"s",
            "telemetry_export_destinations":[{"unity_catalog":{"logs_table":"l","metrics_table":"m","traces_table":"t"}}],
            "oauth2_app_client_id":"o","oauth2_app_integration_id":"p","service_principal_client_id":"5a","service_principal_id":42,
            "service_principal_name":"app-1 notes","thumbnail_url":"https://x",
            "resources":[{"name":"postgres","postgres":{"branch":"projects/p/branches/b","database":"projects/p/branches/b/databases/d",
            "permission":"CAN_CONNECT_AND_CREATE"}}]}
            """
        )
        #expect(app.computeStatus?.state == .active && app.appStatus?.state == .running)
        #expect(app.servicePrincipalClientID == "5a" && app.servicePrincipalID == 42)
        #expect(app.activeDeployment?.status?.state == .succeeded)
    }

    @Test func `every kind of resource`() throws {
        let app = try WireCheck.roundTrip(
            Apps.App.self,
            """
            {"name":"n","resources":[
            {"name":"a","database":{"instance_name":"i","database_name":"d","permission":"CAN_CONNECT_AND_CREATE"}},
            {"name":"b","secret":{"scope":"s","key":"k","permission":"READ"}},
            {"name":"c","sql_warehouse":{"id":"1","permission":"CAN_USE"}},
            {"name":"d","serving_endpoint":{"name":"e","permission":"CAN_QUERY"}},
            {"name":"e","job":{"id":"2","permission":"CAN_MANAGE_RUN"}},
            {"name":"f","experiment":{"experiment_id":"3","permission":"CAN_EDIT"}},
            {"name":"g","genie_space":{"name":"g","space_id":"4","permission":"CAN_RUN"}},
            {"name":"h","uc_securable":{"securable_full_name":"c.s.t","securable_type":"TABLE","securable_kind":"k","permission":"SELECT"}},
            {"name":"i","app":{"name":"other","permission":"CAN_USE"}},
            {"name":"j","description":"x","postgres":{"branch":"b","database":"d","permission":"CAN_CONNECT_AND_CREATE"}}]}
            """
        )
        #expect(app.resources?.count == 10)
        #expect(
            app.resources?.first
                == .database("a", instance: "i", database: "d"))
        let autoscaling = Apps.Resource.postgres(branch: "b", database: "d")
        #expect(autoscaling.name == "postgres" && autoscaling.postgres?.permission == .canConnectAndCreate)
    }

    @Test func `deployment to be made, whose values do not show`() throws {
        let deployment = Apps.Deployment(
            sourceCodePath: "/Workspace/n", mode: .snapshot, command: ["./notes", "--port", "$DATABRICKS_APP_PORT"],
            envVars: [
                .init(name: "KEY", value: Secret("canary")), .init(name: "LAKEBASE_ENDPOINT", valueFrom: "postgres"),
            ],
            healthCheck: .init(path: "/health", timeout: .seconds(5))
        )
        let json = """
            {"source_code_path":"/Workspace/n","mode":"SNAPSHOT","command":["./notes","--port","$DATABRICKS_APP_PORT"],
            "env_vars":[{"name":"KEY","value":"canary"},{"name":"LAKEBASE_ENDPOINT","value_from":"postgres"}],
            "health_check":{"path":"/health","timeout":"5s"}}
            """
        let written = try WireCheck.encode(deployment)
        #expect(try written == WireCheck.decode(JSONValue.self, json))
        #expect(!"\(deployment)".contains("canary") && !String(reflecting: deployment).contains("canary"))
        var dumped = ""
        dump(deployment, to: &dumped)
        #expect(!dumped.contains("canary"))
        let answered = try WireCheck.decode(Apps.Deployment.self, #"{"env_vars":[{"name":"KEY"}]}"#)
        #expect(answered.envVars == [.init(name: "KEY")])
    }

    @Test func `unknown states, fields, times and kinds are harmless`() throws {
        let app = try WireCheck.decode(
            Apps.App.self,
            """
            {"name":"n","compute_status":{"state":"HIBERNATING","new":1},"create_time":"","update_time":"yesterday","service_principal_id":"42",
            "resources":[{"name":"r","quantum_computer":{"qubits":5}}],"new":{"x":[1]},"active_deployment":null,"user_api_scopes":null}
            """
        )
        #expect(app.computeStatus?.state?.rawValue == "HIBERNATING")
        #expect(app.createTime == nil && app.updateTime == nil && app.servicePrincipalID == 42)
        #expect(app.resources == [.init(name: "r")])
    }

    @Test func `lists, updates and what is sent`() throws {
        let apps = try WireCheck.roundTrip(
            Apps.ListAppsResponse.self, #"{"apps":[{"name":"a"}],"next_page_token":"t"}"#)
        #expect(apps.apps?.first?.name == "a")
        let deployments = try WireCheck.roundTrip(
            Apps.ListDeploymentsResponse.self, #"{"app_deployments":[{"deployment_id":"d"}],"next_page_token":"t"}"#)
        #expect(deployments.deployments?.first?.deploymentID == "d")
        let update = try WireCheck.roundTrip(
            Apps.AppUpdate.self,
            #"{"description":"d","compute_size":"LARGE","status":{"state":"IN_PROGRESS","message":"m"}}"#)
        #expect(update.status?.state == .inProgress)
        _ = try WireCheck.roundTrip(
            Apps.UpdateAppRequest.self, #"{"app":{"name":"n","description":"d"},"update_mask":"description"}"#)
        let minimal = try WireCheck.encode(Apps.App(name: "n"))
        #expect(minimal == .object(["name": .string("n")]))
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

/// What the calls of the Postgres API send: ids, flags and masks in the query, the resource as the whole body, absent fields absent.
@Suite("Requests of the Postgres API", .timeLimit(.minutes(1)))
struct PostgresRequestTests {
    private let done = APIServer.Answer.json(#"{"name":"projects/p/operations/1","done":true,"response":{}}"#)
    private let p = "projects/p"
    private let b = "projects/p/branches/b"
    private let root = "/api/2.0/postgres"

    @Test func `projects`() async throws {
        let (p, root) = (self.p, self.root)
        try await APIServer.check(
            [
                .init("POST \(root)/projects?project_id=p", "{}") { _ = try await $0.postgres.createProject(id: "p") },
                .init(
                    "POST \(root)/projects?project_id=p",
                    """
                    {"spec":{"display_name":"P","pg_version":17,"history_retention_duration":"604800s","enable_pg_native_login":false,
                    "custom_tags":[{"key":"k","value":"v"}],"default_endpoint_settings":{"autoscaling_limit_min_cu":0.5,
                    "autoscaling_limit_max_cu":2,"suspend_timeout_duration":"300s"}},
                    "initial_branch_spec":{"is_protected":true},"initial_endpoint_spec":{"no_suspension":true}}
                    """
                ) {
                    let spec = Postgres.ProjectSpec(
                        displayName: "P", pgVersion: 17, historyRetentionDuration: .seconds(604_800),
                        defaultEndpointSettings: .init(
                            autoscalingLimitMinCU: 0.5, autoscalingLimitMaxCU: 2, suspendTimeoutDuration: .seconds(300)),
                        enablePgNativeLogin: false, customTags: [.init(key: "k", value: "v")])
                    let project = Postgres.Project(
                        spec: spec, initialBranchSpec: .init(isProtected: true),
                        initialEndpointSpec: .init(noSuspension: true))
                    _ = try await $0.postgres.createProject(project, id: "p")
                },
                .init(
                    "PATCH \(root)/projects/p?update_mask=spec.display_name%2Cspec.custom_tags",
                    #"{"spec":{"display_name":"Q","custom_tags":[]}}"#
                ) {
                    _ = try await $0.postgres.updateProject(
                        p, to: .init(spec: .init(displayName: "Q", customTags: [])),
                        mask: ["spec.display_name", "spec.custom_tags"])
                },
                .init("DELETE \(root)/projects/p") { _ = try await $0.postgres.deleteProject(p) },
                .init("DELETE \(root)/projects/p?purge=true") {
                    _ = try await $0.postgres.deleteProject(p, purge: true)
                },
                .init("POST \(root)/projects/p/undelete", "{}") { _ = try await $0.postgres.undeleteProject(p) },
                .init("GET \(root)/projects/p") { _ = try await $0.postgres.getProject(p) },
                .init("GET \(root)/projects") { _ = try await $0.postgres.listProjects().all() },
                .init("GET \(root)/projects?page_size=5&show_deleted=true") {
                    _ = try await $0.postgres.listProjects(pageSize: 5, showDeleted: true).all()
                },
            ], answering: self.done)
    }

    @Test func `branches`() async throws {
        let (p, b, root) = (self.p, self.b, self.root)
        try await APIServer.check(
            [
                .init(
                    "POST \(root)/\(p)/branches?branch_id=b",
                    #"{"spec":{"source_branch":"projects/p/branches/production","ttl":"86400s"}}"#
                ) {
                    let spec = Postgres.BranchSpec(sourceBranch: p + "/branches/production", ttl: .seconds(86_400))
                    _ = try await $0.postgres.createBranch(.init(spec: spec), id: "b", parent: p)
                },
                .init(
                    "POST \(root)/\(p)/branches?branch_id=b&replace_existing=true",
                    #"{"spec":{"source_branch_time":"2026-01-02T03:04:05Z","no_expiry":true}}"#
                ) {
                    let spec = Postgres.BranchSpec(
                        sourceBranchTime: Date(timeIntervalSince1970: 1_767_323_045), noExpiry: true)
                    _ = try await $0.postgres.createBranch(
                        .init(spec: spec), id: "b", parent: p, replaceExisting: true)
                },
                .init("PATCH \(root)/\(b)?update_mask=spec.is_protected", #"{"spec":{"is_protected":false}}"#) {
                    _ = try await $0.postgres.updateBranch(
                        b, to: .init(spec: .init(isProtected: false)), mask: ["spec.is_protected"])
                },
                .init("DELETE \(root)/\(b)?purge=false") { _ = try await $0.postgres.deleteBranch(b, purge: false) },
                .init("POST \(root)/\(b)/undelete", "{}") { _ = try await $0.postgres.undeleteBranch(b) },
                .init("GET \(root)/\(b)") { _ = try await $0.postgres.getBranch(b) },
                .init("GET \(root)/\(p)/branches?show_deleted=false") {
                    _ = try await $0.postgres.listBranches(parent: p, showDeleted: false).all()
                },
            ], answering: self.done)
    }

    @Test func `endpoints`() async throws {
        let (b, root) = (self.b, self.root)
        let e = b + "/endpoints/e"
        try await APIServer.check(
            [
                .init(
                    "POST \(root)/\(b)/endpoints?endpoint_id=e",
                    #"{"spec":{"endpoint_type":"ENDPOINT_TYPE_READ_ONLY","autoscaling_limit_max_cu":8,"group":{"min":1,"max":1},"settings":{"pg_settings":{"work_mem":"8MB"}}}}"#
                ) {
                    let spec = Postgres.EndpointSpec(
                        endpointType: .readOnly, autoscalingLimitMaxCU: 8, group: .init(min: 1, max: 1),
                        settings: .init(pgSettings: ["work_mem": "8MB"]))
                    _ = try await $0.postgres.createEndpoint(.init(spec: spec), id: "e", parent: b)
                },
                .init("PATCH \(root)/\(e)?update_mask=spec.disabled", #"{"spec":{"disabled":true}}"#) {
                    _ = try await $0.postgres.updateEndpoint(
                        e, to: .init(spec: .init(disabled: true)), mask: "spec.disabled")
                },
                .init("DELETE \(root)/\(e)") { _ = try await $0.postgres.deleteEndpoint(e) },
                .init("GET \(root)/\(e)") { _ = try await $0.postgres.getEndpoint(e) },
                .init("GET \(root)/\(e)") { _ = try await $0.postgres.endpointSettling(e).wait() },
                .init("GET \(root)/\(b)/endpoints?page_size=1") {
                    _ = try await $0.postgres.listEndpoints(parent: b, pageSize: 1).all()
                },
            ], answering: self.done)
    }

    @Test func `roles`() async throws {
        let (b, root) = (self.b, self.root)
        let r = b + "/roles/a.b+c@d.e"
        try await APIServer.check(
            [
                .init(
                    "POST \(root)/\(b)/roles?role_id=sp-1",
                    #"{"spec":{"postgres_role":"5a","identity_type":"SERVICE_PRINCIPAL","auth_method":"LAKEBASE_OAUTH_V1","membership_roles":["DATABRICKS_SUPERUSER"]}}"#
                ) {
                    let spec = Postgres.RoleSpec(
                        postgresRole: "5a", identityType: .servicePrincipal, authMethod: .oauth,
                        membershipRoles: [.databricksSuperuser])
                    _ = try await $0.postgres.createRole(.init(spec: spec), id: "sp-1", parent: b)
                },
                .init("POST \(root)/\(b)/roles", #"{"spec":{"postgres_role":"plain"}}"#) {
                    _ = try await $0.postgres.createRole(.init(spec: .init(postgresRole: "plain")), parent: b)
                },
                .init(
                    "PATCH \(root)/\(r)?update_mask=spec.attributes.createdb",
                    #"{"spec":{"attributes":{"createdb":true}}}"#
                ) {
                    _ = try await $0.postgres.updateRole(
                        r, to: .init(spec: .init(attributes: .init(createDatabase: true))),
                        mask: ["spec.attributes.createdb"])
                },
                .init("DELETE \(root)/\(r)?reassign_owned_to=heir%20%26%20co") {
                    _ = try await $0.postgres.deleteRole(r, reassignOwnedTo: "heir & co")
                },
                .init("GET \(root)/\(r)") { _ = try await $0.postgres.getRole(r) },
                .init("GET \(root)/\(b)/roles") { _ = try await $0.postgres.listRoles(parent: b).all() },
            ], answering: self.done)
        let password = APIServer.Expectation("POST \(root)/\(r)/password", "{}") {
            let password = try await $0.postgres.revealRolePassword(r)
            #expect(password == Secret("canary"))
        }
        try await APIServer.check([password], answering: .json(#"{"password":"canary"}"#))
        try await APIServer.with({ _, _ in .json(#"{"password":""}"#) }) { client, _ in
            let error = await #expect(throws: DatabricksError.self) { try await client.postgres.revealRolePassword(r) }
            #expect(error?.code == .invalidResponse)
        }
    }

    @Test func `databases, operations and credentials`() async throws {
        let (b, root) = (self.b, self.root)
        let d = b + "/databases/d"
        try await APIServer.check(
            [
                .init(
                    "POST \(root)/\(b)/databases?database_id=d",
                    #"{"spec":{"postgres_database":"notes","role":"projects/p/branches/b/roles/r"}}"#
                ) {
                    let spec = Postgres.DatabaseSpec(postgresDatabase: "notes", role: b + "/roles/r")
                    _ = try await $0.postgres.createDatabase(.init(spec: spec), id: "d", parent: b)
                },
                .init(
                    "PATCH \(root)/\(d)?update_mask=spec.postgres_database", #"{"spec":{"postgres_database":"n2"}}"#
                ) {
                    _ = try await $0.postgres.updateDatabase(
                        d, to: .init(spec: .init(postgresDatabase: "n2")), mask: ["spec.postgres_database"])
                },
                .init("DELETE \(root)/\(d)") { _ = try await $0.postgres.deleteDatabase(d) },
                .init("GET \(root)/\(d)") { _ = try await $0.postgres.getDatabase(d) },
                .init("GET \(root)/\(b)/databases") { _ = try await $0.postgres.listDatabases(parent: b).all() },
                .init("GET \(root)/projects/p/operations/aB+/=") {
                    let operation = try await $0.postgres.operation(
                        "projects/p/operations/aB+/=", endingIn: Postgres.Project.self)
                    let project = try await operation.wait()
                    #expect(project == Postgres.Project())
                },
            ], answering: self.done)
        let credential = APIServer.Expectation(
            "POST \(root)/credentials",
            """
            {"endpoint":"\(b)/endpoints/e","ttl":"300s","group_name":"analysts",
            "claims":[{"permission_set":"READ_ONLY","resources":[{"table_name":"c.s.t"}]}]}
            """
        ) {
            _ = try await $0.postgres.generateDatabaseCredential(
                endpoint: b + "/endpoints/e", ttl: .seconds(300),
                claims: [.init(permissionSet: .readOnly, resources: [.init(tableName: "c.s.t")])],
                groupName: "analysts")
        }
        let answer = APIServer.Answer.json(#"{"token":"jwt","expire_time":"2999-01-15T09:00:00Z"}"#)
        try await APIServer.check([credential], answering: answer)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Secrets
import Testing

@testable import LakebaseLocal
@testable import LocalWorkspace

@Suite("Rights in the workspace") struct WorkspaceRightsTests {
    static func who(_ kind: LocalIdentity.Kind, _ scopes: String? = nil) -> LocalIdentity {
        var identity = LocalIdentity(
            kind: kind, userName: kind == .user ? "a@b.c" : "6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10", displayName: "n",
            id: "1", credential: Secret(""))
        identity.scopes = scopes.map { TokenScopes($0) }
        return identity
    }

    static func isAllowed(_ action: WorkspaceAction, _ identity: LocalIdentity) -> WorkspaceRights.Rule {
        (try? WorkspaceRights.rule(action, for: identity)) ?? .denied
    }

    /// Every route that takes a token, by what it does: this table is the other side of the one that is tested.
    static let routes: [(method: String, path: String, action: WorkspaceAction)] = [
        ("GET", "/api/2.0/preview/scim/v2/Me", .readSelf),
        ("POST", "/api/2.0/postgres/credentials", .mintCredential),
        ("POST", "/api/2.0/database/credentials", .mintCredential),
        ("GET", "/api/2.0/postgres/projects", .listProjects), ("POST", "/api/2.0/postgres/projects", .createProject),
        ("GET", "/api/2.0/postgres/projects/p", .readProject),
        ("PATCH", "/api/2.0/postgres/projects/p", .changeProject),
        ("DELETE", "/api/2.0/postgres/projects/p", .changeProject),
        ("POST", "/api/2.0/postgres/projects/p/undelete", .changeProject),
        ("GET", "/api/2.0/postgres/projects/p/branches", .readProject),
        ("POST", "/api/2.0/postgres/projects/p/branches", .changeProject),
        ("GET", "/api/2.0/postgres/projects/p/branches/b", .readProject),
        ("PATCH", "/api/2.0/postgres/projects/p/branches/b", .changeProject),
        ("DELETE", "/api/2.0/postgres/projects/p/branches/b", .changeProject),
        ("POST", "/api/2.0/postgres/projects/p/branches/b/undelete", .changeProject),
        ("GET", "/api/2.0/postgres/projects/p/branches/b/endpoints", .readProject),
        ("POST", "/api/2.0/postgres/projects/p/branches/b/endpoints", .changeProject),
        ("GET", "/api/2.0/postgres/projects/p/branches/b/endpoints/e", .readProject),
        ("PATCH", "/api/2.0/postgres/projects/p/branches/b/endpoints/e", .changeProject),
        ("DELETE", "/api/2.0/postgres/projects/p/branches/b/endpoints/e", .changeProject),
        ("GET", "/api/2.0/postgres/projects/p/branches/b/roles", .readProject),
        ("POST", "/api/2.0/postgres/projects/p/branches/b/roles", .changeProject),
        ("GET", "/api/2.0/postgres/projects/p/branches/b/roles/r", .readProject),
        ("DELETE", "/api/2.0/postgres/projects/p/branches/b/roles/r", .changeProject),
        ("POST", "/api/2.0/postgres/projects/p/branches/b/roles/r/password", .readRolePassword),
        ("GET", "/api/2.0/postgres/projects/p/branches/b/roles/r/password", .readRolePassword),
        ("GET", "/api/2.0/postgres/projects/p/branches/b/databases", .readProject),
        ("POST", "/api/2.0/postgres/projects/p/branches/b/databases", .changeProject),
        ("DELETE", "/api/2.0/postgres/projects/p/branches/b/databases/d", .changeProject),
        ("GET", "/api/2.0/postgres/projects/p/branches/b/databases/d/data-api", .readProject),
        ("GET", "/api/2.0/postgres/projects/p/operations/o", .readProject),
        ("GET", "/api/2.0/postgres/projects/p/snapshots", .readProject),
        ("POST", "/api/2.0/postgres/projects/p/snapshots", .changeProject),
        ("GET", "/api/2.0/postgres/catalogs/c", .listProjects),
        ("POST", "/api/2.0/postgres/catalogs/c", .createProject),
        ("GET", "/api/2.0/database/instances", .listInstances),
        ("POST", "/api/2.0/database/instances", .createInstance),
        ("GET", "/api/2.0/database/instances:findByUid", .listInstances),
        ("GET", "/api/2.0/database/instances/i", .readInstance),
        ("PATCH", "/api/2.0/database/instances/i", .changeInstance),
        ("DELETE", "/api/2.0/database/instances/i", .changeInstance),
        ("GET", "/api/2.0/database/instances/i/roles", .readInstance),
        ("POST", "/api/2.0/database/instances/i/roles", .changeInstance),
        ("GET", "/api/2.0/database/instances/i/roles/r", .readInstance),
        ("DELETE", "/api/2.0/database/instances/i/roles/r", .changeInstance),
        ("GET", "/api/2.0/database/instances/i/catalogs", .readInstance),
        ("GET", "/api/2.0/database/catalogs/c", .listInstances),
        ("POST", "/api/2.0/database/catalogs", .createInstance),
        ("GET", "/api/2.0/preview/scim/v2/ServicePrincipals", .readPrincipals),
        ("GET", "/api/2.0/preview/scim/v2/ServicePrincipals/1", .readPrincipals),
        ("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", .changePrincipals),
        ("PUT", "/api/2.0/preview/scim/v2/ServicePrincipals/1", .changePrincipals),
        ("PATCH", "/api/2.0/preview/scim/v2/ServicePrincipals/1", .changePrincipals),
        ("DELETE", "/api/2.0/preview/scim/v2/ServicePrincipals/1", .changePrincipals),
        ("GET", "/api/2.0/preview/scim/v2/Users", .readPrincipals),
        ("POST", "/api/2.0/preview/scim/v2/Users", .changePrincipals),
        ("GET", "/api/2.0/preview/scim/v2/Groups/1", .readPrincipals),
        ("DELETE", "/api/2.0/preview/scim/v2/Groups/1", .changePrincipals),
        ("GET", "/api/2.0/accounts/servicePrincipals/1/credentials/secrets", .readSecrets),
        ("POST", "/api/2.0/accounts/servicePrincipals/1/credentials/secrets", .changeSecrets),
        ("DELETE", "/api/2.0/accounts/servicePrincipals/1/credentials/secrets/2", .changeSecrets),
        ("GET", "/api/2.0/secrets/get", .readScopes), ("GET", "/api/2.0/secrets/acls/list", .readScopes),
        ("POST", "/api/2.0/secrets/put", .changeScopes), ("POST", "/api/2.0/secrets/scopes/create", .changeScopes),
        ("GET", "/api/2.0/workspace/get-status", .readFiles), ("GET", "/api/2.0/workspace/list", .readFiles),
        ("GET", "/api/2.0/workspace/export", .readFiles), ("POST", "/api/2.0/workspace/import", .changeFiles),
        ("POST", "/api/2.0/workspace/mkdirs", .changeFiles), ("POST", "/api/2.0/workspace/delete", .changeFiles),
        ("POST", "/api/2.0/workspace-files/import-file/Shared/x", .changeFiles),
        ("GET", "/api/2.0/apps", .listApps), ("POST", "/api/2.0/apps", .createApp),
        ("GET", "/api/2.0/apps/a", .readApp),
        ("PATCH", "/api/2.0/apps/a", .changeApp), ("DELETE", "/api/2.0/apps/a", .changeApp),
        ("POST", "/api/2.0/apps/a/start", .changeApp), ("POST", "/api/2.0/apps/a/stop", .changeApp),
        ("POST", "/api/2.0/apps/a/update", .changeApp), ("GET", "/api/2.0/apps/a/update", .readApp),
        ("POST", "/api/2.0/apps/a/deployments", .changeApp), ("GET", "/api/2.0/apps/a/deployments", .readApp),
        ("GET", "/api/2.0/apps/a/deployments/d", .readApp),
        ("GET", "/api/2.0/permissions/apps/a", .readPermissions),
        ("GET", "/api/2.0/permissions/apps/a/permissionLevels", .readPermissions),
        ("PUT", "/api/2.0/permissions/apps/a", .changePermissions),
        ("PATCH", "/api/2.0/permissions/apps/a", .changePermissions),
        ("GET", "/api/2.0/permissions/database-projects/p", .readProjectPermissions),
        ("GET", "/api/2.0/permissions/database-instances/p/permissionLevels", .readProjectPermissions),
        ("PUT", "/api/2.0/permissions/database-instances/p", .changeProjectPermissions),
        ("PATCH", "/api/2.0/permissions/database-projects/p", .changeProjectPermissions),
        ("GET", "/local/apps/a/logs", .readLogs), ("GET", "/local/status", .readStatus),
    ]

    @Test func `every route is an action, and every action has a route`() async throws {
        for (method, path, action) in Self.routes {
            #expect(try await RouterProbe.shared.action(method, path) == action, "\(method) \(path)")
        }
        #expect(Set(Self.routes.map(\.action)) == Set(WorkspaceAction.allCases))
    }

    @Test(arguments: [
        ("GET", "/"), ("GET", "/api/2.0"), ("GET", "/api/2.0/token/list"), ("POST", "/api/2.0/token/create"),
        ("GET", "/api/2.0/preview/scim/v2/UsersX"), ("POST", "/api/2.0/preview/scim/v2/Me"),
        ("GET", "/api/2.0/postgres/x"),
        ("GET", "/api/2.0/postgres/projects//branches"), ("GET", "/api/2.0/appsx"), ("GET", "/local/other"),
        ("POST", "/oidc/v1/token"),
    ]) func `what is no route is no action`(method: String, path: String) async throws {
        #expect(try await RouterProbe.shared.action(method, path) == nil)
    }

    @Test func `an administrator may do everything, and a token of all scopes takes nothing away`() {
        for action in WorkspaceAction.allCases {
            #expect(Self.isAllowed(action, Self.who(.user)) == .allowed, "\(action)")
            #expect(Self.isAllowed(action, Self.who(.user, "all-apis")) == .allowed, "\(action)")
            #expect(Self.isAllowed(action, Self.who(.user, "offline_access all-apis")) == .allowed, "\(action)")
        }
    }

    @Test func `a service principal makes nothing and changes nothing but what it was given`() {
        // All users of the service's workspaces see and create projects, and manage what they made.
        let allowed: Set<WorkspaceAction> = [
            .readSelf, .mintCredential, .listProjects, .readProject, .createProject, .listInstances, .readInstance,
            .createInstance, .readStatus,
        ]
        let given: Set<WorkspaceAction> = [
            .changeProject, .changeInstance, .readRolePassword, .readFiles, .changeFiles, .listApps, .readApp,
            .changeApp, .readPermissions, .changePermissions, .readProjectPermissions, .changeProjectPermissions,
            .readScopes, .changeScopes,
        ]
        for action in WorkspaceAction.allCases {
            let expected: WorkspaceRights.Rule =
                allowed.contains(action) ? .allowed : given.contains(action) ? .given : .denied
            #expect(Self.isAllowed(action, Self.who(.servicePrincipal)) == expected, "\(action)")
            #expect(Self.isAllowed(action, Self.who(.servicePrincipal, "all-apis")) == expected, "\(action)")
        }
    }

    @Test func `a token may do what its scopes say and nothing else`() {
        let table: [String: Set<WorkspaceAction>] = [
            "": [], "sql": [], "all-api": [], "all-apis:read": [], "All-Apis": [], "offline_access": [],
            "files.files": [],
            "workspace": [], "apps": [], "iam": [],
            "iam.current-user:read": [.readSelf],
            "iam.access-control:read": [.readPermissions, .readProjectPermissions],
            "iam.access-control:read iam.current-user:read": [.readSelf, .readPermissions, .readProjectPermissions],
            "postgres": [.mintCredential, .listProjects, .readProject],
            "database": [.mintCredential, .listInstances, .readInstance],
        ]
        for (scopes, expected) in table {
            for action in WorkspaceAction.allCases {
                let isAllowed = Self.isAllowed(action, Self.who(.user, scopes)) != .denied
                #expect(isAllowed == expected.contains(action), "\(scopes): \(action)")
            }
        }
        // Whatever scopes a service principal's token has, they add nothing.
        for scopes in table.keys {
            for action in WorkspaceAction.allCases
            where Self.isAllowed(action, Self.who(.servicePrincipal)) == .denied {
                #expect(Self.isAllowed(action, Self.who(.servicePrincipal, scopes)) == .denied)
            }
        }
    }

    @Test func `no app gets all scopes for its visitors' tokens`() {
        #expect(
            TokenScopes.forwarded(["postgres", "all-apis"])
                == ["iam.access-control:read", "iam.current-user:read", "postgres"])
        let token = TokenScopes(TokenScopes.forwarded(["all-apis"]).joined(separator: " "))
        #expect(!token.hasEverything)
        // A name with a blank in it would be two.
        #expect(!TokenScopes(TokenScopes.forwarded(["x all-apis"]).joined(separator: " ")).hasEverything)
    }

    @Test func `a refusal says what is missing`() throws {
        let scope = #expect(throws: APIFailure.self) {
            try WorkspaceRights.rule(.mintCredential, for: Self.who(.user, "sql"))
        }
        #expect(scope?.status == 403 && scope?.code == "PERMISSION_DENIED")
        #expect(scope?.message == "Provided OAuth token does not have required scopes: postgres or database")
        let principal = #expect(throws: APIFailure.self) {
            try WorkspaceRights.rule(.createApp, for: Self.who(.servicePrincipal))
        }
        #expect(principal?.message.contains("does not have permission") == true)
    }

    @Test(arguments: [
        "a@b.c", "developer@example.com", "cloud_admin", "", "6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a1",
        "6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a1g", "6c1a0f4e\u{301}2f6b-4d3c-9a55-0d8f3c1b7a10",
    ])
    func `an application id is a UUID`(text: String) {
        #expect(!PrincipalDirectory.isApplicationID(text))
        #expect(PrincipalDirectory.isApplicationID(UUID().uuidString))
    }

    @Test func `a principal from before with a user's name goes`() throws {
        var directory = PrincipalDirectory()
        _ = try directory.create(.init(), applicationID: "developer@example.com")
        _ = try directory.create(.init(), applicationID: "5a")
        directory.removeNamesakes(of: ["developer@example.com"])
        #expect(
            directory.entry(applicationID: "developer@example.com") == nil
                && directory.entry(applicationID: "5a") != nil)
    }
}

/// The same through the service, as an app and as what an app gets of its visitor.
extension WholeLakebaseTests {
    @Suite("What an app may do in the workspace", .serialized) struct AppRightsTests {
        @Test func `an app's secret opens its own and nothing else`() async throws {
            try await AppFixture.with { apps in
                let fixture = apps.fixture
                _ = try await apps.create(.init(name: "notes"))
                try await apps.write(["secret.txt": "theirs"], to: "/Shared/private")
                let app = try await fixture.apiToken(.app)
                let name = fixture.ready.app.userName
                let principal = try await apps.client.servicePrincipals.create(.init(displayName: "other"))
                let id = try #require(principal.id)
                let endpoint = LocalProject.endpointName
                let project = "/api/2.0/postgres/\(LocalProject.projectName)"
                for (method, path, body, status) in [
                    ("GET", "/api/2.0/preview/scim/v2/Me", nil, 200),
                    ("POST", "/api/2.0/postgres/credentials", #"{"endpoint":"\#(endpoint)"}"#, 200),
                    ("GET", "/api/2.0/postgres/\(endpoint)", nil, 200), ("GET", project, nil, 200),
                    ("GET", "/api/2.0/postgres/projects", nil, 200),
                    ("GET", "/api/2.0/database/instances/local", nil, 200),
                    ("DELETE", project, nil, 403), ("PATCH", "\(project)?update_mask=spec.display_name", "{}", 403),
                    ("DELETE", "/api/2.0/database/instances/local", nil, 403),
                    ("POST", "\(project)/branches/production/roles?role_id=x", "{}", 403),
                    ("POST", "\(project)/branches/production/roles/developer/password", "{}", 403),
                    ("GET", "/api/2.0/workspace/export?path=/Shared/private/secret.txt", nil, 403),
                    ("GET", "/api/2.0/workspace/list?path=/", nil, 403),
                    ("GET", "/api/2.0/workspace/get-status?path=/Users/\(name)x", nil, 403),
                    ("GET", "/api/2.0/workspace/get-status?path=/Users/\(name)/..%2F../Shared", nil, 400),
                    ("GET", "/api/2.0/workspace/get-status?path=/Users/\(name)/..%2F%CC%81/Shared", nil, 400),
                    ("POST", "/api/2.0/workspace/delete", #"{"path":"/Shared/private","recursive":true}"#, 403),
                    (
                        "POST", "/api/2.0/workspace/import",
                        #"{"path":"/Shared/private/secret.txt","format":"RAW","overwrite":true,"content":"eA=="}"#, 403
                    ),
                    ("POST", "/api/2.0/workspace-files/import-file/Shared/private/secret.txt?overwrite=true", "x", 403),
                    ("POST", "/api/2.0/workspace/mkdirs", #"{"path":"/Workspace/Users/\#(name)/mine"}"#, 200),
                    ("GET", "/api/2.0/workspace/list?path=/Users/\(name)", nil, 200),
                    ("POST", "/api/2.0/apps", #"{"name":"mine"}"#, 403), ("GET", "/api/2.0/apps/notes", nil, 403),
                    ("GET", "/api/2.0/apps/none", nil, 403), ("DELETE", "/api/2.0/apps/notes", nil, 403),
                    ("POST", "/api/2.0/apps/notes/deployments", #"{"source_code_path":"/Shared/private"}"#, 403),
                    ("GET", "/api/2.0/permissions/apps/notes", nil, 403),
                    ("PATCH", "/api/2.0/permissions/apps/notes", "{}", 403),
                    ("GET", "/local/apps/notes/logs", nil, 403), ("GET", "/local/status", nil, 200),
                    ("GET", "/api/2.0/preview/scim/v2/ServicePrincipals", nil, 403),
                    ("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", "{}", 403),
                    ("POST", "/api/2.0/accounts/servicePrincipals/\(id)/credentials/secrets", "{}", 403),
                ] as [(String, String, String?, Int)] {
                    let answer = try await fixture.http(method, path, token: app, body: body)
                    #expect(
                        answer.status == status, "\(method) \(path): \(String(decoding: answer.body, as: UTF8.self))")
                    if answer.status == 403 { #expect(answer["error_code"] == "PERMISSION_DENIED") }
                }
                let text = try await apps.client.workspace.download("/Shared/private/secret.txt")
                #expect(text == Data("theirs".utf8))
                let listed = try await fixture.http("GET", "/api/2.0/apps", token: app)
                #expect(!String(decoding: listed.body, as: UTF8.self).contains("notes"))
                // What it is given it has.
                _ = try await apps.client.apps.updatePermissions(
                    of: "notes", with: [.init(servicePrincipalName: name, permissionLevel: .canUse)])
                #expect(try await fixture.http("GET", "/api/2.0/apps/notes", token: app).status == 200)
                #expect(
                    try await fixture.http("POST", "/api/2.0/apps/notes/stop", token: app, body: "{}").status == 403)
                let source = #"{"source_code_path":"/Shared/private"}"#
                _ = try await apps.client.apps.updatePermissions(
                    of: "notes", with: [.init(servicePrincipalName: name, permissionLevel: .canManage)])
                let deployed = try await fixture.http(
                    "POST", "/api/2.0/apps/notes/deployments", token: app, body: source)
                #expect(deployed.status == 403, "a deployment would show it others' files")
                #expect(
                    try await fixture.http("POST", "/api/2.0/apps/notes/stop", token: app, body: "{}").status == 200)
            }
        }

        @Test func `a principal sees each project, and changes none but its own`() async throws {
            try await Fixture.with { fixture in
                let theirs = try await fixture.operate("POST", "projects?project_id=other", "{}")
                #expect(theirs["error"] == nil, "\(theirs.body)")
                for path in ["postgres/projects/other", "postgres/projects/other/branches"] {
                    #expect(try await fixture.api("GET", path, as: .app).status == 200, "\(path)")
                }
                let projects = try await fixture.api("GET", "postgres/projects", as: .app)
                #expect("\(projects.body)".contains("projects/local") && "\(projects.body)".contains("projects/other"))
                #expect(try await fixture.api("DELETE", "postgres/projects/other", as: .app).status == 403)
                let branch = "postgres/projects/other/branches/production"
                #expect(try await fixture.api("DELETE", branch, as: .app).status == 403)
                #expect(try await fixture.api("POST", "\(branch)/roles/developer/password", as: .app).status == 403)
                let mine = try await fixture.operate("POST", "projects?project_id=mine", "{}", as: .app)
                #expect(mine["error"] == nil, "\(mine.body)")
                #expect(try await fixture.api("DELETE", "postgres/projects/mine", as: .app).status == 200)
            }
        }

        @Test(arguments: ["database-projects", "database-instances"])
        func `what is given of a project is what a principal then has`(kind: String) async throws {
            try await Fixture.with { fixture in
                let name = fixture.ready.app.userName
                let path = "permissions/\(kind)/local"
                func lists(_ reply: Fixture.Reply, _ grantee: String, _ level: String) -> Bool {
                    guard case .array(let entries)? = reply["access_control_list"] else { return false }
                    return entries.contains {
                        guard case .array(let all)? = $0["all_permissions"] else { return false }
                        return "\($0)".contains(grantee) && all.contains { $0["permission_level"] == .string(level) }
                    }
                }
                let first = try await fixture.api("GET", path)
                #expect(first.text("object_id") == "/\(kind)/local" && first.text("object_type") == kind)
                #expect(lists(first, fixture.ready.developer.userName, "CAN_MANAGE"), "\(first.body)")
                let levels = try await fixture.api("GET", path + "/permissionLevels")
                #expect("\(levels.body)".contains("CAN_USE") && "\(levels.body)".contains("CAN_MANAGE"))

                let change = "postgres/projects/local?update_mask=spec.display_name"
                let body = #"{"spec":{"display_name":"Theirs"}}"#
                #expect(try await fixture.api("PATCH", change, body, as: .app).status == 403)
                #expect(try await fixture.api("GET", path, as: .app).status == 403)
                func list(_ level: String) -> String {
                    #"{"access_control_list":[{"service_principal_name":"\#(name)","permission_level":"\#(level)"}]}"#
                }
                let used = try await fixture.api("PATCH", path, list("CAN_USE"))
                #expect(used.status == 200 && lists(used, name, "CAN_USE") && lists(used, "developer", "CAN_MANAGE"))
                #expect(try await fixture.api("PATCH", change, body, as: .app).status == 403)
                let put = try await fixture.api("PUT", path, list("CAN_MANAGE"))
                #expect(put.status == 200 && lists(put, name, "CAN_MANAGE") && !lists(put, "developer", "CAN_MANAGE"))
                #expect(try await fixture.api("PATCH", change, body, as: .app).status == 200)
                #expect(try await fixture.api("GET", path, as: .app).status == 200)
                // Who owns it, and administrators, manage it still.
                #expect(try await fixture.api("PUT", path, #"{"access_control_list":[]}"#).status == 200)
                #expect(try await fixture.api("PATCH", change, body, as: .app).status == 403)

                let unknown = #"{"access_control_list":[{"user_name":"no@body","permission_level":"CAN_USE"}]}"#
                #expect(try await fixture.api("PATCH", path, unknown).status == 404)
                #expect(try await fixture.api("GET", "permissions/\(kind)/none").status == 404)
                #expect(try await fixture.api("DELETE", path).status == 405)
            }
        }

        @Test func `what the service has and this has not is not taken for a wrong path`() async throws {
            try await Fixture.with { fixture in
                for path in ["secrets/other", "preview/scim/v2/Schemas", "permissions/jobs/1", "app-spaces"] {
                    let answer = try await fixture.api("GET", path)
                    #expect(answer.status == 501 && answer.text("error_code") == "NOT_IMPLEMENTED", "\(path)")
                }
                let wrong = try await fixture.api("GET", "postgres/1234")
                #expect(wrong.status == 404 && wrong.text("error_code") == "ENDPOINT_NOT_FOUND")
                #expect(wrong.text("message") == "No API found for 'GET /postgres/1234'")
                let anonymous = try await fixture.http("GET", "/api/2.0/dbfs/list", token: nil, body: nil)
                #expect(anonymous.status == 401)
            }
        }

        @Test func `a principal in the group of administrators is one, until it is taken out`() async throws {
            try await Fixture.with { fixture in
                let principal = "preview/scim/v2/ServicePrincipals/\(fixture.ready.app.id)"
                for (change, status) in [("add", 200), ("remove", 403)] {
                    let patch = #"{"Operations":[{"op":"\#(change)","path":"groups","value":[{"value":"admins"}]}]}"#
                    let own = try await fixture.api("PATCH", principal, patch, as: .app)
                    #expect(own.status == (change == "add" ? 403 : 200))
                    #expect(try await fixture.api("PATCH", principal, patch).status == 200)
                    for path in ["preview/scim/v2/ServicePrincipals", "workspace/list?path=/"] {
                        #expect(try await fixture.api("GET", path, as: .app).status == status, "\(change) \(path)")
                    }
                }
                let people = try await fixture.api(
                    "GET", "preview/scim/v2/Users?filter=userName%20eq%20%22\(fixture.ready.developer.userName)%22")
                #expect(people["totalResults"] == .integer(1), "\(people.body)")
                #expect("\(people.body)".contains(fixture.ready.developer.userName))
                let nobody = try await fixture.api("GET", "preview/scim/v2/Users?filter=userName%20eq%20nobody")
                #expect(nobody["totalResults"] == .integer(0) && nobody["Resources"] == .array([]))
                let groups = try await fixture.api("GET", "preview/scim/v2/Groups?filter=displayName%20eq%20admins")
                #expect(groups["totalResults"] == .integer(1) && !"\(groups.body)".contains(fixture.ready.app.id))
                #expect(try await fixture.api("GET", "preview/scim/v2/Groups/1").text("displayName") == "users")
                #expect(try await fixture.api("POST", "preview/scim/v2/Groups", "{}").status == 501)
                let other = #"{"Operations":[{"op":"add","path":"groups","value":[{"value":"users"}]}]}"#
                #expect(try await fixture.api("PATCH", principal, other).status == 400)
            }
        }

        @Test func `a principal cannot have the name of a user`() async throws {
            try await Fixture.with { fixture in
                let answer = try await fixture.http(
                    "POST", "/api/2.0/preview/scim/v2/ServicePrincipals", token: fixture.ready.developer.credential,
                    body: #"{"applicationId":"\#(fixture.ready.developer.userName)"}"#)
                #expect(answer.status == 400)
            }
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseLocal

@Suite("Routes") struct RouteTests {
    private static let metadata = "/oidc/.well-known/oauth-authorization-server"
    private static let me = "/api/2.0/preview/scim/v2/Me"
    private static let postgres = "/api/2.0/postgres"
    private static let database = "/api/2.0/database"

    @Test(arguments: [
        ("GET", "/.well-known/databricks-config", RouterProbe.Found.open("/.well-known/databricks-config")),
        ("GET", Self.metadata, .open(Self.metadata)), ("GET", Self.metadata + "/", .open(Self.metadata)),
        (
            "GET", "/.well-known/oauth-authorization-server/oidc",
            .open("/.well-known/oauth-authorization-server/oidc")
        ),
        ("GET", "/.well-known/oauth-authorization-server/x", .unknown),
        ("POST", "/oidc/v1/token", .open("/oidc/v1/token")), ("GET", "/oidc/v1/token", .wrongMethod(allowed: "POST")),
        ("POST", "/oidc/v1/token//", .unknown), ("POST", "/oidc/accounts/a/v1/token", .open("/oidc/accounts")),
        ("POST", "/oidc/accounts/a/v1/v1/token", .open("/oidc/accounts")),
        ("POST", "/oidc/accounts//v1/token", .open("/oidc/accounts")),
        ("POST", "/oidc/accounts/v1/token", .unknown), ("GET", "/oidc/accounts", .unknown),
        ("PUT", "/oidc/accounts/a/v1/authorize", .wrongMethod(allowed: "GET, POST")),
        ("GET", Self.me, .action(.readSelf, at: Self.me)), ("GET", Self.me + "/", .action(.readSelf, at: Self.me)),
        ("GET", Self.me + "//", .notServed), ("GET", Self.me + "/x", .notServed),
        ("DELETE", Self.me, .wrongMethod(allowed: "GET")),
        (
            "POST", "/api/2.0/postgres/credentials",
            .action(.mintCredential, at: "/api/2.0/postgres/credentials")
        ),
        ("GET", "/api/2.0/postgres/credentials", .wrongMethod(allowed: "POST")),
        ("GET", "/api/2.0/postgres/credentials/x", .absent),
        ("GET", "/api/2.0/postgres/projects/p/operations/a/b==", .action(.readProject, "p", at: Self.postgres)),
        // A slash before a combining mark is a slash.
        (
            "DELETE", "/api/2.0/postgres/projects/p/\u{301}/operations/o",
            .action(.changeProject, "p", at: Self.postgres)
        ),
        (
            "GET", "/api/2.0/database/instances/local/\u{301}/catalogs",
            .action(.readInstance, "local", at: Self.database)
        ),
        ("POST", "/api/2.0/postgres/projects", .action(.createProject, at: Self.postgres)),
        ("GET", "/api/2.0/postgres/projects//branches", .absent), ("GET", "/api/2.0/postgres//x", .absent),
        ("GET", "/api/2.0/postgres///", .absent),
        (
            "GET", "/api/2.0/database/instances:findByUid",
            .action(.listInstances, at: "/api/2.0/database/instances:findByUid")
        ),
        ("GET", "/api/2.0/database/instances/local", .action(.readInstance, "local", at: Self.database)),
        ("GET", "/api/2.0/database/instances/local/roles/a@b", .action(.readInstance, "local", at: Self.database)),
        ("DELETE", "/api/2.0/database/instances/local", .action(.changeInstance, "local", at: Self.database)),
        ("GET", "/api/2.0/database/instances/local/catalogs", .action(.readInstance, "local", at: Self.database)),
        ("POST", "/api/2.0/database/catalogs", .action(.createInstance, at: Self.database)),
        ("GET", "/", .unknown), ("GET", "", .unknown), ("GET", "//", .unknown), ("GET", "*", .unknown),
        ("GET", "/api/2.0/postgres", .unknown), ("GET", "/api/2.0/postgres/", .unknown),
        ("GET", "/api/2.0/postgres//", .unknown), ("GET", "/api/2.0/database/", .unknown),
        ("GET", "/api/2.0/database//", .unknown), ("GET", "/api/2.0/postgresx", .unknown),
        ("BREW", "/api/2.1/jobs", .notServed), ("GET", "/api/2.0/dbfs/list", .notServed),
        ("PATCH", "/api/2.0/preview/scim/v2/Usersx/1", .notServed), ("GET", "/api/2.0/preview", .notServed),
        (
            "PATCH", "/api/2.0/preview/scim/v2/Users/1",
            .action(.changePrincipals, at: "/api/2.0/preview/scim/v2/Users")
        ),
        ("GET", "/api/2.0/permissions/jobs/1", .notServed),
        ("POST", "/serving-endpoints/m/invocations", .notServed), ("GET", "/api/2.0/no-such-thing", .unknown),
        ("GET", "/api/jobs/list", .unknown), ("GET", "/api/2.0/permissions/database-projects", .notServed),
        ("GET", "/api/2.0/permissions/database-projects/p/x", .notServed),
        (
            "GET", "/api/2.0/permissions/database-projects/p",
            .action(.readProjectPermissions, "p", at: "/api/2.0/permissions/database-projects")
        ),
        (
            "GET", "/api/2.0/permissions/database-instances/p/permissionLevels",
            .action(.readProjectPermissions, "p", at: "/api/2.0/permissions/database-instances")
        ),
        ("GET", "/api/2.0/apps//x", .action(.readApp, "x", at: "/api/2.0/apps")),
        ("GET", "/local/status", .action(.readStatus, at: "/local/status")), ("GET", "/local", .unknown),
    ]) func `a method and a path lead to a route`(method: String, path: String, found: RouterProbe.Found) async throws {
        #expect(try await RouterProbe.shared.find(method, path) == found)
    }

    @Test func `every route has a sample`() async throws {
        var reached: Set<String> = []
        for path in RouteSamples.all {
            if let route = try await RouterProbe.shared.route("GET", path) { reached.insert(route.path) }
        }
        let routes = WorkspaceRoute.features.flatMap { $0 }.map(\.path)
        #expect(reached == Set(routes) && routes.count == Set(routes).count)
    }

    @Test(arguments: [
        ("instances", DatabasePath.instances), ("instances/local", .instance("local")),
        ("instances/local/roles", .roles(instance: "local")),
        ("instances/local/roles/a@b", .role("a@b", instance: "local")),
        ("instances/local/roles/a/b", .role("a/b", instance: "local")),
        ("instances/local/roles/", .other(["instances", "local", "roles"])),
        ("instances//roles/a", .other(["instances", "roles", "a"])),
        ("instances/local/catalogs", .other(["instances", "local", "catalogs"])), ("catalogs", .other(["catalogs"])),
        ("instances\u{301}/local", .other(["instances\u{301}", "local"])), ("/", .other([])),
    ]) func `a path leads to a part of the Database instance API`(path: String, named: DatabasePath) {
        #expect(DatabasePath(path) == named)
    }

    @Test func `a path of permissions names a project`() {
        #expect(ProjectPermissions(.project, rest: "p") == .init(.project, project: "p"))
        #expect(
            ProjectPermissions(.instance, rest: "p/permissionLevels")
                == .init(.instance, project: "p", isAboutLevels: true))
        for rest in ["", "/permissionLevels", "p/x", "p/permissionLevels/x", "p/"] {
            #expect(ProjectPermissions(.project, rest: rest) == nil, "\(rest)")
        }
    }

    @Test(arguments: [
        ("projects", PostgresResource.projects), ("projects/p", .project(id: "p")),
        ("projects/p/branches", .branches(project: "p")), ("projects/p/branches/b", .branch("projects/p/branches/b")),
        ("projects/p/undelete", .undelete("projects/p")),
        ("projects/p/branches/b/undelete", .undelete("projects/p/branches/b")),
        ("projects/p/branches/b/roles", .collection(.roles, branch: "projects/p/branches/b")),
        ("projects/p/branches/b/roles/r", .member(.roles, "projects/p/branches/b/roles/r")),
        ("projects/p/branches/b/roles/r/password", .password(role: "projects/p/branches/b/roles/r")),
        ("projects/p/branches/b/databases/d/data-api", .absent("data API")),
        ("projects/p/branches/b/databases/d/cdf-configs/c/cdf-statuses", .emptyList("cdf_statuses")),
        ("projects/p/branches/b/databases/d/cdf-configs/c/cdf-statuses/t", .absent("CDF status")),
        ("projects/p/operations/a/b==", .operation("projects/p/operations/a/b==")),
        ("projects/p/snapshots", .emptyList("snapshots")), ("catalogs/c", .absent("catalog")),
        ("projects//branches", .unknown), ("nothing", .unknown), ("projects/p/branches/b/tables", .unknown),
    ]) func `a name leads to a resource`(name: String, resource: PostgresResource) {
        #expect(PostgresPath(name).resource == resource)
    }

    @Test func `a target's query is decoded`() {
        let target = APIRequest.target("/a%20b/c?uid=x%2Fy&empty=&flag&uid=second&s=a+b")
        #expect(target.path == "/a b/c")
        #expect(target.query == ["uid": "x/y", "empty": "", "flag": "", "s": "a b"])
        #expect(APIRequest.target("/%zz?%zz=%").path == "/%zz")
    }

    @Test func `a host header that cannot be one is not repeated`() {
        #expect(ControlPlane.baseURL(host: "127.0.0.1:80", ownAddress: "x") == "http://127.0.0.1:80")
        #expect(ControlPlane.baseURL(host: "[::1]:80", ownAddress: "x") == "http://[::1]:80")
        for host in [nil, "", "a b", "a/b", "a\"b", String(repeating: "a", count: 300)] {
            #expect(ControlPlane.baseURL(host: host, ownAddress: "own:1") == "http://own:1")
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import LakebaseLocal

@Suite("Routes") struct RouteTests {
    @Test(arguments: [
        ("GET", "/.well-known/databricks-config", Route.hostMetadata),
        ("GET", "/oidc/.well-known/oauth-authorization-server", .authorizationServer),
        ("GET", "/.well-known/oauth-authorization-server/oidc", .authorizationServer),
        ("POST", "/oidc/v1/token", .token), ("GET", "/oidc/v1/token", .wrongMethod(allowed: "POST")),
        ("GET", "/api/2.0/preview/scim/v2/Me", .me), ("GET", "/api/2.0/preview/scim/v2/Me/", .me),
        ("POST", "/api/2.0/postgres/credentials", .postgresCredentials),
        ("GET", "/api/2.0/postgres/projects/p/operations/a/b==", .postgres("projects/p/operations/a/b==")),
        ("POST", "/api/2.0/postgres/projects", .postgres("projects")),
        ("GET", "/api/2.0/database/instances:findByUid", .databaseInstanceByUID),
        ("GET", "/api/2.0/database/instances/local", .databaseInstance("local")),
        ("GET", "/api/2.0/database/instances/local/roles/a@b", .databaseInstanceRole(instance: "local", role: "a@b")),
        ("DELETE", "/api/2.0/database/instances/local", .databaseInstance("local")),
        ("GET", "/api/2.0/database/instances/local/catalogs", .databaseExtras("instances/local/catalogs")),
        ("POST", "/api/2.0/database/catalogs", .databaseExtras("catalogs")),
        ("GET", "/", .unknown), ("GET", "", .unknown), ("GET", "/api/2.0/postgres/", .unknown),
        ("BREW", "/api/2.1/jobs", .notServed), ("GET", "/api/2.0/dbfs/list", .notServed),
        ("PATCH", "/api/2.0/preview/scim/v2/Users/1", .notServed), ("GET", "/api/2.0/permissions/jobs/1", .notServed),
        ("POST", "/serving-endpoints/m/invocations", .notServed), ("GET", "/api/2.0/no-such-thing", .unknown),
        ("GET", "/api/jobs/list", .unknown), ("GET", "/api/2.0/permissions/database-projects", .notServed),
        ("GET", "/api/2.0/permissions/database-projects/p", .projectPermissions(.init(.project, project: "p"))),
        (
            "GET", "/api/2.0/permissions/database-instances/p/permissionLevels",
            .projectPermissions(.init(.instance, project: "p", isAboutLevels: true))
        ),
    ]) func `a method and a path lead to a route`(method: String, path: String, route: Route) {
        #expect(Route.find(method: method, path: path) == route)
    }

    @Test(arguments: [
        ("projects", PostgresRoute.projects), ("projects/p", .project(id: "p")),
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
    ]) func `a name leads to a resource`(name: String, route: PostgresRoute) {
        #expect(PostgresRoute.find(name) == route)
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

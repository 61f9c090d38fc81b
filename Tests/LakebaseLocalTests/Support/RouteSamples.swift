//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

@testable import LakebaseLocal

/// A path for each route that the router knows.
///
/// The switches have no default: a route that is added has to be added here, or this does not compile. The same list is in
/// Tests/Security/routes.txt for the scripts.
enum RouteSamples {
    /// Leads from each route to the next, so that none is left out.
    private static func next(after route: Route?) -> Route? {
        switch route {
        case nil: .hostMetadata
        case .hostMetadata?: .authorizationServer
        case .authorizationServer?: .keySet
        case .keySet?: .token
        case .token?: .authorize
        case .authorize?: .me
        case .me?: .postgresCredentials
        case .postgresCredentials?: .databaseCredentials
        case .databaseCredentials?: .postgres("projects")
        case .postgres?: .databaseInstances
        case .databaseInstances?: .databaseInstanceByUID
        case .databaseInstanceByUID?: .databaseInstance("local")
        case .databaseInstance?: .databaseInstanceRoles("local")
        case .databaseInstanceRoles?: .databaseInstanceRole(instance: "local", role: "app")
        case .databaseInstanceRole?: .databaseExtras("catalogs/c")
        case .databaseExtras?: .projectPermissions(.init(.project, project: "local"))
        case .projectPermissions?: .localStatus
        case .localStatus?: .notServed
        case .notServed?: .wrongMethod(allowed: "GET")
        case .wrongMethod?: .unknown
        case .unknown?: nil
        }
    }

    private static func path(of route: Route) -> [String] {
        switch route {
        case .hostMetadata: ["/.well-known/databricks-config"]
        case .authorizationServer:
            [
                "/oidc/.well-known/oauth-authorization-server", "/.well-known/openid-configuration",
                "/oidc/accounts/a/.well-known/oauth-authorization-server",
            ]
        case .keySet: ["/oidc/jwks.json", "/oidc/v1/keys"]
        case .token: ["/oidc/v1/token", "/oidc/accounts/a/v1/token"]
        case .authorize: ["/oidc/v1/authorize", "/oidc/accounts/a/v1/authorize"]
        case .me: ["/api/2.0/preview/scim/v2/Me"]
        case .postgresCredentials: ["/api/2.0/postgres/credentials"]
        case .databaseCredentials: ["/api/2.0/database/credentials"]
        case .postgres: PostgresSamples.names.map { "/api/2.0/postgres/" + $0 }
        case .databaseInstances: ["/api/2.0/database/instances"]
        case .databaseInstanceByUID: ["/api/2.0/database/instances:findByUid"]
        case .databaseInstance(let name): ["/api/2.0/database/instances/\(name)"]
        case .databaseInstanceRoles(let name): ["/api/2.0/database/instances/\(name)/roles"]
        case .databaseInstanceRole(let name, let role): ["/api/2.0/database/instances/\(name)/roles/\(role)"]
        case .databaseExtras(let rest): ["/api/2.0/database/\(rest)"]
        case .projectPermissions:
            ProjectPermissions.Kind.allCases.flatMap { kind in
                ["", "/permissionLevels"].map { "/api/2.0/permissions/\(kind.rawValue)/local\($0)" }
            }
        case .localStatus: ["/local/status"]
        case .notServed: ["/api/2.1/jobs/list"]
        case .wrongMethod: []
        case .unknown: ["/", "/api/2.0/no-such-thing"]
        }
    }

    /// What `WorkspaceServices` answers.
    private static let services = [
        "/api/2.0/preview/scim/v2/ServicePrincipals", "/api/2.0/preview/scim/v2/ServicePrincipals/1",
        "/api/2.0/preview/scim/v2/Users", "/api/2.0/preview/scim/v2/Users/1", "/api/2.0/preview/scim/v2/Groups",
        "/api/2.0/preview/scim/v2/Groups/1",
        "/api/2.0/accounts/servicePrincipals/1/credentials/secrets",
        "/api/2.0/accounts/servicePrincipals/1/credentials/secrets/s",
        "/api/2.0/secrets/acls/list", "/api/2.0/secrets/delete", "/api/2.0/secrets/get", "/api/2.0/secrets/list",
        "/api/2.0/secrets/put", "/api/2.0/secrets/scopes/create", "/api/2.0/secrets/scopes/delete",
        "/api/2.0/secrets/scopes/list",
        "/api/2.0/workspace/mkdirs", "/api/2.0/workspace/import", "/api/2.0/workspace/delete",
        "/api/2.0/workspace/get-status",
        "/api/2.0/workspace/list", "/api/2.0/workspace/export", "/api/2.0/workspace-files/import-file/Shared/a",
        "/api/2.0/apps",
        "/api/2.0/apps/a", "/api/2.0/apps/a/start", "/api/2.0/apps/a/stop", "/api/2.0/apps/a/update",
        "/api/2.0/apps/a/deployments",
        "/api/2.0/apps/a/deployments/d", "/api/2.0/permissions/apps/a", "/api/2.0/permissions/apps/a/permissionLevels",
        "/local/apps/a/logs",
    ]

    /// Every path.
    static let all: [String] = {
        var paths: [String] = []
        var route = Self.next(after: nil)
        while let one = route {
            paths += Self.path(of: one)
            route = Self.next(after: one)
        }
        return paths + Self.services
    }()

    /// Those whose answer is for everybody, by `Admission`.
    static func isOpen(_ path: String) -> Bool {
        guard WorkspaceServices.section(of: path) == nil else { return false }
        return ["GET", "POST"].contains { method in
            switch Route.find(method: method, path: path) {
            case .hostMetadata, .authorizationServer, .keySet, .token, .authorize, .unknown: true
            case .wrongMethod, .me, .postgresCredentials, .databaseCredentials, .postgres, .databaseInstances,
                .databaseInstanceByUID, .databaseInstance, .databaseInstanceRoles, .databaseInstanceRole,
                .databaseExtras, .projectPermissions, .localStatus, .notServed:
                false
            }
        }
    }
}

/// A name for each route below `/api/2.0/postgres/`.
private enum PostgresSamples {
    static let names: [String] = {
        var names: [String] = []
        var route: PostgresRoute? = .projects
        while let one = route {
            let step = Self.step(one)
            names += step.names
            route = step.next
        }
        return names
    }()

    private static func step(_ route: PostgresRoute) -> (names: [String], next: PostgresRoute?) {
        let branch = "projects/local/branches/production"
        return switch route {
        case .projects: (["projects"], .project(id: ""))
        case .project: (["projects/local"], .branches(project: ""))
        case .branches: (["projects/local/branches"], .branch(""))
        case .branch: ([branch], .collection(.roles, branch: ""))
        case .collection: (["endpoints", "roles", "databases"].map { "\(branch)/\($0)" }, .member(.roles, ""))
        case .member:
            (["endpoints/primary", "roles/r", "databases/d"].map { "\(branch)/\($0)" }, .undelete(""))
        case .undelete: (["projects/local/undelete", "\(branch)/undelete"], .password(role: ""))
        case .password: (["\(branch)/roles/r/password"], .operation(""))
        case .operation: (["projects/local/operations/o"], .emptyList(""))
        case .emptyList: (["projects/local/snapshots", "\(branch)/snapshot-schedule"], .absent(""))
        case .absent: (["catalogs/c", "synced_tables/t"], .unknown)
        case .unknown: (["nothing"], nil)
        }
    }
}

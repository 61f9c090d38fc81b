//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

@testable import LakebaseLocal

/// Paths for each route that the router knows.
///
/// A test compares them with the routes. The same list is in Tests/Security/routes.txt for the scripts.
enum RouteSamples {
    /// Every path.
    static let all: [String] =
        [
            "/.well-known/databricks-config", "/oidc/.well-known/oauth-authorization-server",
            "/oidc/.well-known/openid-configuration", "/oidc/oidc/.well-known/oauth-authorization-server",
            "/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/oidc",
            "/.well-known/openid-configuration", "/oidc/accounts/a/.well-known/oauth-authorization-server",
            "/oidc/jwks.json", "/oidc/v1/keys", "/oidc/v1/token", "/oidc/accounts/a/v1/token", "/oidc/v1/authorize",
            "/oidc/accounts/a/v1/authorize", "/api/2.0/preview/scim/v2/Me", "/api/2.0/postgres/credentials",
            "/api/2.0/database/credentials",
        ] + PostgresSamples.names.map { "/api/2.0/postgres/" + $0 } + [
            "/api/2.0/database/instances", "/api/2.0/database/instances:findByUid",
            "/api/2.0/database/instances/local", "/api/2.0/database/instances/local/roles",
            "/api/2.0/database/instances/local/roles/app", "/api/2.0/database/catalogs/c",
        ]
        + ProjectPermissions.Kind.allCases.flatMap { kind in
            ["", "/permissionLevels"].map { "/api/2.0/permissions/\(kind.rawValue)/local\($0)" }
        } + ["/local/status", "/api/2.1/jobs/list", "/", "/api/2.0/no-such-thing"] + Self.services

    /// The paths that `WorkspaceServices` answers.
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

    /// Whether a path is answered without a credential, with one of the methods that it takes.
    static func isOpen(_ path: String) async throws -> Bool {
        for method in ["GET", "POST"] {
            switch try await RouterProbe.shared.find(method, path) {
            case .open, .unknown: return true
            case .action, .wrongMethod, .notServed, .absent: break
            }
        }
        return false
    }
}

/// A name for each kind of resource below `/api/2.0/postgres/`.
///
/// The switch has no default: a kind that is added has to be added here, or this does not compile.
private enum PostgresSamples {
    static let names: [String] = {
        var names: [String] = []
        var resource: PostgresResource? = .projects
        while let one = resource {
            let step = Self.step(one)
            names += step.names
            resource = step.next
        }
        return names
    }()

    private static func step(_ resource: PostgresResource) -> (names: [String], next: PostgresResource?) {
        let branch = "projects/local/branches/production"
        return switch resource {
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

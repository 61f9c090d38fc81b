//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// What a request is for: method and path, nothing else.
enum Route: Equatable {
    case hostMetadata
    case authorizationServer
    case keySet
    case token
    /// The page on which people log in, and its answer.
    case authorize
    case me
    case postgresCredentials
    case databaseCredentials
    /// Something below `/api/2.0/postgres`; the rest of the path.
    case postgres(String)
    case databaseInstances
    case databaseInstanceByUID
    case databaseInstance(String)
    case databaseInstanceRoles(String)
    case databaseInstanceRole(instance: String, role: String)
    /// Something else below `/api/2.0/database`; the rest of the path.
    case databaseExtras(String)
    /// Who may use a project, which both APIs show.
    case projectPermissions(ProjectPermissions)
    /// What runs here: not a part of the service.
    case localStatus
    /// The service has it, and this has not.
    case notServed
    /// There is such a path, with other methods.
    case wrongMethod(allowed: String)
    case unknown

    private static let metadataPaths: Set<String> = [
        "/oidc/.well-known/oauth-authorization-server", "/oidc/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration",
        // Made from an issuer with a path (RFC 8414), or from an endpoint that was taken for a host.
        "/.well-known/oauth-authorization-server/oidc", "/oidc/oidc/.well-known/oauth-authorization-server",
    ]

    /// Finds the route of a request; the path is decoded and has no query.
    static func find(method: String, path given: String) -> Route {
        // By bytes: no other spelling of a path is the same path.
        let path =
            given.utf8.count > 1 && given.endsExactly(with: "/")
            ? String(decoding: given.utf8.dropLast(), as: UTF8.self) : given
        if let fixed = Self.fixed(path) {
            return method == fixed.method ? fixed.route : .wrongMethod(allowed: fixed.method)
        }
        if Self.isAuthorize(path) {
            return ["GET", "POST"].contains(method) ? .authorize : .wrongMethod(allowed: "GET, POST")
        }
        if let rest = Self.rest(of: path, after: "/api/2.0/postgres/") { return .postgres(rest) }
        if path.isExactly("/api/2.0/database/instances") { return .databaseInstances }
        if let rest = Self.rest(of: path, after: "/api/2.0/database/") { return Self.database(rest) }
        if let permissions = ProjectPermissions(path) { return .projectPermissions(permissions) }
        return ServiceAPIs.has(path) ? .notServed : .unknown
    }

    private static func isAuthorize(_ path: String) -> Bool {
        path.isExactly("/oidc/v1/authorize")
            || Self.rest(of: path, after: "/oidc/accounts/").map { $0.endsExactly(with: "/v1/authorize") } == true
    }

    private static func fixed(_ path: String) -> (method: String, route: Route)? {
        // All of these are ASCII, and equal texts of ASCII have the same bytes.
        guard path.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        switch path {
        case "/.well-known/databricks-config": return ("GET", .hostMetadata)
        case "/oidc/jwks.json", "/oidc/v1/keys": return ("GET", .keySet)
        case "/oidc/v1/token": return ("POST", .token)
        case "/local/status": return ("GET", .localStatus)
        case "/api/2.0/preview/scim/v2/Me": return ("GET", .me)
        case "/api/2.0/postgres/credentials": return ("POST", .postgresCredentials)
        case "/api/2.0/database/credentials": return ("POST", .databaseCredentials)
        case "/api/2.0/database/instances:findByUid": return ("GET", .databaseInstanceByUID)
        default: break
        }
        if Self.metadataPaths.contains(path) { return ("GET", .authorizationServer) }
        if let rest = Self.rest(of: path, after: "/oidc/accounts/") {
            if rest.endsExactly(with: "/v1/token") { return ("POST", .token) }
            if rest.endsExactly(with: "/.well-known/oauth-authorization-server") {
                return ("GET", .authorizationServer)
            }
        }
        return nil
    }

    private static func database(_ rest: String) -> Route {
        let parts = rest.splitExactly(at: "/", maxSplits: 3, omittingEmptySubsequences: false).map { String($0) }
        guard parts[0] == "instances", parts.allSatisfy({ !$0.isEmpty }) else { return .databaseExtras(rest) }
        switch parts.count {
        case 2: return .databaseInstance(parts[1])
        case 3 where parts[2] == "roles": return .databaseInstanceRoles(parts[1])
        case 4 where parts[2] == "roles": return .databaseInstanceRole(instance: parts[1], role: parts[3])
        default: return .databaseExtras(rest)
        }
    }

    private static func rest(of path: String, after prefix: String) -> String? {
        guard let rest = path.droppingExactly(prefix: prefix), !rest.utf8.isEmpty else { return nil }
        return String(rest)
    }
}

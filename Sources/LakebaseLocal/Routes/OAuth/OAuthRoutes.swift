//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

extension WorkspaceRoute {
    /// The metadata of the host and of its authorization server, tokens, and logins with a browser.
    static let oauth: [WorkspaceRoute] =
        [
            WorkspaceRoute("/.well-known/databricks-config", "GET", .open { $0.hostMetadata(base: $1.baseURL) }),
            WorkspaceRoute("/oidc/jwks.json", "GET", Self.keySet),
            WorkspaceRoute("/oidc/v1/keys", "GET", Self.keySet),
            WorkspaceRoute("/oidc/v1/token", "POST", Self.token),
            WorkspaceRoute("/oidc/v1/authorize", target: Self.authorize),
            WorkspaceRoute(prefix: "/oidc/accounts", rest: Self.ofAccount),
        ] + Self.metadataPaths.map { WorkspaceRoute($0, "GET", Self.metadata) }

    private static let metadataPaths = [
        "/oidc/.well-known/oauth-authorization-server", "/oidc/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration",
        // Clients make these from an issuer with a path (RFC 8414), or from an endpoint that they take for a host.
        "/.well-known/oauth-authorization-server/oidc", "/oidc/oidc/.well-known/oauth-authorization-server",
    ]

    private static let metadata = Target.open { $0.authorizationServer(base: $1.baseURL) }
    private static let keySet = Target.open { controlPlane, _ in
        APIResponse(
            status: 200, headers: [("Content-Type", "application/json")], body: controlPlane.tokens.keySet)
    }

    private static let token = Target.open { try await $0.token($1.request, issuer: $1.issuer) }

    @Sendable private static func authorize(_ method: String) -> Target {
        Target.open { $0.authorize($1.request) }.only("GET", "POST", for: method)
    }

    /// The endpoints of an account; any id is accepted.
    @Sendable private static func ofAccount(_ method: String, _ rest: String) -> Target? {
        if rest.endsExactly(with: "/v1/token") { return Self.token.only("POST", for: method) }
        if rest.endsExactly(with: "/v1/authorize") { return Self.authorize(method) }
        if rest.endsExactly(with: "/.well-known/oauth-authorization-server") {
            return Self.metadata.only("GET", for: method)
        }
        return nil
    }
}

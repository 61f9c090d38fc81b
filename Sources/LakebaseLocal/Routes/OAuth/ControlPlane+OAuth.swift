//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalWorkspace
import Secrets

/// The authorization server's metadata, and the check of its tokens.
extension ControlPlane {
    /// The authorization server's metadata (RFC 8414).
    func authorizationServer(base: String) -> APIResponse {
        .json(
            OAuth.AuthorizationServerMetadata(
                issuer: base + "/oidc",
                authorizationEndpoint: base + "/oidc/v1/authorize",
                tokenEndpoint: base + "/oidc/v1/token",
                keySetURI: base + "/oidc/jwks.json",
                scopesSupported: ["all-apis", "offline_access"],
                responseTypesSupported: ["code"],
                grantTypesSupported: Self.grants,
                tokenEndpointAuthMethodsSupported: ["client_secret_basic", "client_secret_post", "none"],
                codeChallengeMethodsSupported: ["S256"]
            )
        )
    }

    /// Finds the caller of a request by its bearer token.
    ///
    /// - Throws: 401 and 403.
    func authenticate(_ request: APIRequest) async throws -> LocalIdentity {
        guard let authorization = request.authorization else {
            throw Self.unauthenticated(
                "Credential was not sent or was of an unsupported type for this API. Send 'Authorization: Bearer TOKEN'."
            )
        }
        let bearer: Secret? = authorization.withUnsafeValue { text in
            let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            return parts.count == 2 && parts[0].lowercased() == "bearer" ? Secret(String(parts[1])) : nil
        }
        guard let bearer, !bearer.isEmpty else {
            throw Self.unauthenticated("Credential was of an unsupported type for this API. Send a bearer token.")
        }
        if let workspace = request.workspaceID, !workspace.isEmpty, !workspace.isExactly(self.tokens.workspaceID) {
            throw APIFailure(
                403, "PERMISSION_DENIED",
                "The request is for workspace \(workspace.escapedForLog(limit: 40)); this is workspace \(self.tokens.workspaceID)."
            )
        }
        if bearer == self.identities.developer.credential { return self.identities.developer }
        switch await self.tokens.examine(bearer) {
        case .notAToken:
            throw Self.unauthenticated("Invalid access token.")
        case .badSignature(let claimed):
            if let claimed, claimed != self.tokens.workspaceID {
                throw APIFailure(
                    403, "PERMISSION_DENIED",
                    "The token was issued by workspace \(claimed); this is workspace \(self.tokens.workspaceID)."
                )
            }
            throw Self.unauthenticated("Invalid access token: its signature is not valid.")
        case .expired:
            throw Self.unauthenticated("Access token expired.")
        case .valid(let claims):
            guard claims.use == .workspace else {
                throw APIFailure(
                    403, "PERMISSION_DENIED", "A database credential is for Postgres logins only, not for this API."
                )
            }
            guard let identity = self.identities.identity(named: claims.subject) else {
                throw APIFailure(
                    403, "PERMISSION_DENIED", "The identity of the token does not exist in this workspace.")
            }
            // A token without the claim has no scopes: every token of the workspace has the claim.
            return identity.limited(to: TokenScopes(claims.scope ?? ""))
        }
    }

    /// The answer that a test asked for in place of the real one; `nil` if it asked for none.
    func fault(_ fault: FaultSwitches.TokenFault?) async -> APIResponse? {
        let delay = self.faults.delay
        if delay > .zero { try? await Task.sleep(for: delay) }
        switch fault {
        case nil: return nil
        case .unavailable(let retryAfter):
            return APIFailure(
                503, "TEMPORARILY_UNAVAILABLE", "The service is not available.",
                headers: ["Retry-After": String(retryAfter)]
            ).response
        case .status(let status): return APIFailure(status, "INTERNAL_ERROR", "The service failed.").response
        case .disconnect: return APIResponse(status: 200, body: Data(), disconnects: true)
        }
    }

    private static func unauthenticated(_ message: String) -> APIFailure {
        APIFailure(401, "UNAUTHENTICATED", message, headers: ["WWW-Authenticate": "Bearer realm=\"lakebase dev\""])
    }
}

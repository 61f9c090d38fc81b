//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import LocalWorkspace
import Secrets

/// The grants for which the workspace issues tokens.
extension ControlPlane {
    private static let exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange"

    /// The grant types that the workspace supports.
    static let grants = ["client_credentials", "authorization_code", "refresh_token", Self.exchangeGrant]

    /// Answers `POST /oidc/v1/token`.
    func token(_ request: APIRequest, issuer: String) async throws -> APIResponse {
        if let fault = await self.fault(self.faults.oauth) { return fault }
        let form = request.form
        switch form["grant_type"] {
        case nil: return Self.oauthError(400, "invalid_request", "The parameter grant_type is missing.")
        case "client_credentials": return try await self.clientCredentials(request, form, issuer: issuer)
        case "authorization_code":
            return try await self.login(form, issuer: issuer, needs: ["code", "code_verifier", "redirect_uri"]) {
                try self.logins.exchange(
                    code: Secret(form["code"] ?? ""), verifier: Secret(form["code_verifier"] ?? ""),
                    redirect: form["redirect_uri"] ?? "", clientID: AuthorizationRequest.publicClient)
            }
        case "refresh_token":
            return try await self.login(form, issuer: issuer, needs: ["refresh_token"]) {
                try self.logins.renew(
                    Secret(form["refresh_token"] ?? ""), clientID: AuthorizationRequest.publicClient,
                    scopes: (form["scope"] ?? "").split(separator: " ").map(String.init))
            }
        case Self.exchangeGrant: return try await self.exchange(form, issuer: issuer)
        default:
            return Self.oauthError(
                400, "unsupported_grant_type",
                "The local workspace issues tokens for \(Self.grants.joined(separator: ", ")) only.")
        }
    }

    /// Issues a token for client credentials, sent by HTTP Basic or in the form.
    private func clientCredentials(
        _ request: APIRequest, _ form: [String: String], issuer: String
    ) async throws -> APIResponse {
        let client: (id: String, secret: Secret)?
        if let authorization = request.authorization {
            client = Self.basic(authorization)
        } else if let id = form["client_id"], let secret = form["client_secret"] {
            client = (id, Secret(secret))
        } else {
            client = nil
        }
        guard let client else {
            return Self.oauthError(
                401, "invalid_client", "Client authentication failed: send the client id and secret by HTTP Basic."
            )
        }
        guard let identity = self.identities.application(clientID: client.id, secret: client.secret) else {
            return Self.oauthError(401, "invalid_client", "Client authentication failed.")
        }
        return try await self.give(identity, scopes: ["all-apis"], issuer: issuer)
    }

    /// Issues a token for the login of a user or its renewal, if the form has the fields that the grant needs.
    private func login(
        _ form: [String: String], issuer: String, needs: [String], grant: () throws -> AuthorizationCodeStore.Grant
    ) async throws -> APIResponse {
        guard form["client_id"] == AuthorizationRequest.publicClient else {
            return Self.oauthError(
                401, "invalid_client", "The client_id is not '\(AuthorizationRequest.publicClient)'.")
        }
        for name in needs where form[name]?.isEmpty ?? true {
            return Self.oauthError(400, "invalid_request", "The parameter \(name) is missing.")
        }
        let given: AuthorizationCodeStore.Grant
        do {
            given = try grant()
        } catch let refusal as AuthorizationCodeStore.Refusal {
            return Self.oauthError(400, refusal.error, refusal.description)
        }
        guard let identity = self.identities.users.first(where: { $0.userName == given.user }) else {
            return Self.oauthError(400, "invalid_grant", "The user of the login no longer exists in this workspace.")
        }
        return try await self.give(
            identity, scopes: given.scopes, refreshToken: given.refreshToken, issuer: issuer)
    }

    /// Exchanges a token of another issuer for one of the workspace (RFC 8693).
    private func exchange(_ form: [String: String], issuer: String) async throws -> APIResponse {
        guard form["subject_token_type"] == "urn:ietf:params:oauth:token-type:jwt",
            let subject = form["subject_token"], !subject.isEmpty
        else {
            return Self.oauthError(
                400, "invalid_request",
                "A subject_token with the subject_token_type urn:ietf:params:oauth:token-type:jwt is required.")
        }
        // An SDK without configured scopes sends an empty field.
        let scopes = (form["scope"] ?? "").split(separator: " ").map(String.init)
        guard scopes.allSatisfy({ $0 == "all-apis" }) else {
            return Self.oauthError(400, "invalid_scope", "The scope must be all-apis.")
        }
        let clientID = form["client_id"].flatMap { $0.isEmpty ? nil : $0 }
        do throws(Federation.Refusal) {
            let identity = try await self.federation.identity(
                for: Secret(subject), clientID: clientID, accountID: self.accountID, identities: self.identities)
            return try await self.given(identity, issuer: issuer)
        } catch {
            return Self.oauthError(400, "invalid_request", error.description)
        }
    }

    private func given(_ identity: LocalIdentity, issuer: String) async throws(Federation.Refusal) -> APIResponse {
        do {
            return try await self.give(
                identity, scopes: ["all-apis"], issuedType: "urn:ietf:params:oauth:token-type:access_token",
                issuer: issuer)
        } catch {
            throw Federation.Refusal(description: "No token could be signed.")
        }
    }

    private func give(
        _ identity: LocalIdentity, scopes: [String], refreshToken: Secret? = nil, issuedType: String? = nil,
        issuer: String
    ) async throws -> APIResponse {
        let minted = try await self.tokens.mintWorkspaceToken(for: identity.userName, issuer: issuer)
        self.counters.count { $0.workspaceTokensMinted += 1 }
        var answer = OAuth.TokenResponse(
            accessToken: Secret(minted.token), expiresIn: Int64(self.tokens.workspaceLifetime),
            scope: scopes.joined(separator: " "))
        answer.refreshToken = refreshToken
        answer.issuedTokenType = issuedType
        return APIResponse.json(answer).with("Cache-Control", "no-store")
    }

    static func oauthError(_ status: Int, _ error: String, _ description: String) -> APIResponse {
        let response = APIResponse.json(
            OAuth.ErrorResponse(error: error, errorDescription: description), status: status
        )
        return status == 401 ? response.with("WWW-Authenticate", "Basic realm=\"lakebase dev\"") : response
    }

    private static func basic(_ authorization: Secret) -> (id: String, secret: Secret)? {
        authorization.withUnsafeValue { text in
            let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard parts.count == 2, parts[0].lowercased() == "basic",
                let data = Data(base64Encoded: String(parts[1]))
            else { return nil }
            let pair = String(decoding: data, as: UTF8.self).split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false
            )
            return pair.count == 2 ? (String(pair[0]), Secret(String(pair[1]))) : nil
        }
    }
}

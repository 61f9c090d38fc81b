//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Secrets

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Exchanges another issuer's token for one of the workspace (`env-oidc`, `file-oidc`, `github-oidc`; RFC 8693).
struct TokenExchangeSource: TokenSource {
    let identityToken: WorkspaceConfiguration.IdentityToken
    let clientID: String?
    let scopes: [String]
    let audience: String?
    let explanation: String
    let endpoints: OAuthEndpoints
    let sender: HTTPSender
    let userAgent: String
    let now: @Sendable () -> Date

    var authType: AuthType { self.identityToken.type }

    func token() async throws(DatabricksError) -> MintedToken<Secret> {
        let subject = try await self.subject()
        let asked = self.now()
        let form = subject.withUnsafeValue { subject in
            var form = [
                ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                ("subject_token", subject),
                ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
                ("scope", OAuth.scope(self.scopes)),
            ]
            if let clientID = self.clientID { form.append(("client_id", clientID)) }
            return form
        }
        let response = try await self.endpoints.token(form, masking: [subject], sender: self.sender)
        return try response.minted(asked: asked)
    }

    /// The other issuer's token.
    private func subject() async throws(DatabricksError) -> Secret {
        switch self.identityToken {
        case .value(let value): return value.value
        case .file(let file): return try Self.contents(of: file)
        case .gitHub(let url, let requestToken): return try await self.gitHub(url.value, requestToken.value)
        }
    }

    /// The token in a file, which may have been renewed since the last time.
    private static func contents(of file: Setting<String>) throws(DatabricksError) -> Secret {
        func wrong(_ reason: String) -> DatabricksError {
            DatabricksError(
                code: .invalidConfiguration, message: "the file \(file.value) (from \(file.source)) \(reason)")
        }
        let text: String?
        do {
            text = try WorkspaceConfiguration.contents(ofFile: file.value)
        } catch {
            throw wrong((error as? DatabricksError).map { "is \($0.message)" } ?? "cannot be read")
        }
        guard let text else { throw wrong("does not exist") }
        let token = Secret(String(text.split(whereSeparator: \.isWhitespace).first ?? ""))
        guard token.isVisibleText else { throw wrong("holds no token") }
        return token
    }

    /// Asks GitHub for a token for this job.
    private func gitHub(_ url: String, _ requestToken: Secret) async throws(DatabricksError) -> Secret {
        let audience: String
        if let given = self.audience {
            audience = given
        } else {
            let found = try await self.endpoints.find(sender: self.sender, masking: [requestToken])
            audience = found.audience ?? found.token
        }
        let operation = "GET ACTIONS_ID_TOKEN_REQUEST_URL"
        let request = TransportRequest(
            method: .get,
            url: url + (url.contains("?") ? "&" : "?") + URLEncoding.fields([("audience", audience)]),
            headers: [("Accept", "application/json"), ("User-Agent", self.userAgent)],
            secretHeaders: ["Authorization": requestToken.withUnsafeValue { Secret("Bearer \($0)") }]
        )
        let answer = try await self.sender.send(request, operation: operation, isRepeatable: true)
        let token = try ResponseDecoder.decode(GitHubToken.self, from: answer, operation: operation).value
        guard token.isVisibleText else {
            throw DatabricksError(
                code: .invalidResponse,
                message: "GitHub returned a "
                    + "broken token", operation: operation)
        }
        return token
    }

    private struct GitHubToken: Decodable {
        let value: Secret

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.value = Secret(try container.decode(String.self, forKey: .value))
        }

        private enum CodingKeys: CodingKey { case value }
    }
}

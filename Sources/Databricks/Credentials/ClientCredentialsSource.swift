//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Secrets

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The OAuth client credentials of a service principal (`oauth-m2m`; RFC 6749, 4.4).
struct ClientCredentialsSource: TokenSource {
    let id: String
    let secret: Secret
    let scopes: [String]
    let groupID: String?
    let authorizationDetails: String?
    let explanation: String
    let endpoints: OAuthEndpoints
    let sender: HTTPSender
    let now: @Sendable () -> Date

    var authType: AuthType { .clientCredentials }

    func token() async throws(DatabricksError) -> MintedToken<Secret> {
        let asked = self.now()
        var form = [("grant_type", "client_credentials"), ("scope", OAuth.scope(self.scopes))]
        if let groupID = self.groupID { form.append(("assume_group", groupID)) }
        if let details = self.authorizationDetails { form.append(("authorization_details", details)) }
        let basic = self.secret.withUnsafeValue {
            Secret("Basic " + Data("\(self.id):\($0)".utf8).base64EncodedString())
        }
        let response = try await self.endpoints.token(
            form, authorization: basic, masking: [self.secret], sender: self.sender)
        return try response.minted(asked: asked)
    }
}

extension OAuth {
    /// The scopes in the form that the token service expects.
    static func scope(_ scopes: [String]) -> String {
        scopes.isEmpty ? "all-apis" : scopes.joined(separator: " ")
    }
}

extension OAuth.TokenResponse {
    /// The token, if it can be used.
    ///
    /// - Parameter asked: The time before the request: the token's life is counted from then, so that it never ends later than it does.
    func minted(asked: Date) throws(DatabricksError) -> MintedToken<Secret> {
        guard self.tokenType.lowercased() == "bearer" else {
            throw DatabricksError(
                code: .invalidResponse, message: "the token service returned a token that is not a bearer token")
        }
        guard self.accessToken.isVisibleText else {
            throw DatabricksError(
                code: .invalidResponse,
                message: "the token service returned an "
                    + "empty or broken token")
        }
        guard self.expiresIn > 0 else {
            throw DatabricksError(
                code: .invalidResponse,
                message: "the token service returned a token with a lifetime of \(self.expiresIn) seconds"
            )
        }
        return MintedToken(token: self.accessToken, expiresAt: asked.addingTimeInterval(Double(self.expiresIn)))
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Logging
internal import Secrets

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension WorkspaceConfiguration {
    /// The provider of credentials for the chosen method.
    ///
    /// - Parameters:
    ///   - sender: Asks the token service.
    ///   - learned: Receives the workspace's id, when the host reports it.
    ///   - now: The wall clock.
    ///   - logger: For the renewal of tokens.
    func provider(
        sender: HTTPSender, learned: WorkspaceID, now: @escaping @Sendable () -> Date, logger: Logger
    ) -> any CredentialsProvider {
        let endpoints = OAuthEndpoints(configuration: self, learned: learned)
        let scopes = self.scopes?.value ?? []
        let explanation = "authenticated by \(self.authentication)"
        switch self.authentication {
        case .personalToken(let token):
            return PersonalTokenCredentials(token: token)
        case .clientCredentials(let id, let secret):
            let source = ClientCredentialsSource(
                id: id.value, secret: secret.value, scopes: scopes, groupID: self.groupID?.value,
                authorizationDetails: self.authorizationDetails?.value, explanation: explanation,
                endpoints: endpoints, sender: sender, now: now
            )
            return RenewedCredentials(source: source, now: now, logger: logger)
        case .tokenExchange(let identityToken, let clientID):
            let source = TokenExchangeSource(
                identityToken: identityToken, clientID: clientID?.value, scopes: scopes,
                audience: self.tokenAudience?.value, explanation: explanation, endpoints: endpoints, sender: sender,
                userAgent: UserAgent.text(product: self.product, authType: nil, extras: self.userAgentExtras), now: now
            )
            return RenewedCredentials(source: source, now: now, logger: logger)
        case .userLogin(let login):
            let unfit =
                self.unfitMethods.isEmpty
                ? "" : "; tried before: " + self.unfitMethods.map(\.description).joined(separator: ", ")
            let source = UserLoginSource(
                login: login, explanation: explanation + unfit, endpoints: endpoints, sender: sender, now: now)
            return RenewedCredentials(source: source, now: now, logger: logger)
        case .custom(let type):
            return MissingCredentials(authType: type)
        }
    }
}

/// Reports that the program announced a provider and did not pass it.
private struct MissingCredentials: CredentialsProvider {
    let authType: AuthType

    var explanation: String { "authentication by \(self.authType), which the program provides" }

    func headers() async throws(DatabricksError) -> [String: Secret] {
        throw DatabricksError(
            code: .invalidConfiguration,
            message:
                "the configuration names a provider of the program's own (\(self.authType)), but none was passed to the client"
        )
    }
}

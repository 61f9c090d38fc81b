//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Secrets
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Authenticates calls to the workspace with the tokens that one user's requests carry.
final class ForwardedTokenCredentials: CredentialsProvider {
    /// The name of the method, for the user agent.
    static let type = AuthType(rawValue: "forwarded-user-token")

    private let tokens: Mutex<ForwardedTokens<Secret>>

    init(_ token: Secret) {
        var tokens = ForwardedTokens<Secret>()
        tokens.add(token, expiresAt: Self.end(of: token))
        self.tokens = Mutex(tokens)
    }

    var authType: AuthType { Self.type }
    var explanation: String { "authenticated by the token that the platform forwards for the user" }

    /// Adds another token of the same user.
    func add(_ token: Secret) {
        self.tokens.withLock { $0.add(token, expiresAt: Self.end(of: token)) }
    }

    func headers() async throws(DatabricksError) -> [String: Secret] {
        guard let token = self.tokens.withLock({ $0.best(now: Date()) }) else {
            throw DatabricksError(
                code: .unauthenticated,
                message: "the user's forwarded token has expired; the user's next request brings a new one")
        }
        return ["Authorization": Self.header(token)]
    }

    func refused(_ headers: [String: Secret]) {
        guard let header = headers["Authorization"] else { return }
        let token = header.withUnsafeValue { Secret(String($0.dropFirst(Self.scheme.count))) }
        self.tokens.withLock { $0.refuse(token) }
    }

    /// The expiry time that a token claims; nil when it claims none.
    static func end(of token: Secret) -> Date? {
        TokenClaims.read(token)?.exp.map { Date(timeIntervalSince1970: $0) }
    }

    private static let scheme = "Bearer "

    private static func header(_ token: Secret) -> Secret {
        token.withUnsafeValue { Secret(Self.scheme + $0) }
    }
}

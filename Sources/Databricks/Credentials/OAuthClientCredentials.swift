//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Logging
public import Secrets

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The OAuth client credentials of a service principal (`oauth-m2m`), with one token for all callers.
///
/// The token service is found through the host's own description, else at `/oidc` of the host. Tokens are kept and renewed by a ``TokenCache``.
public final class OAuthClientCredentials: CredentialsProvider {
    private let cache: TokenCache<WorkspaceToken>
    /// The method and where id and secret came from.
    public let explanation: String

    init(
        id: Setting<String>,
        secret: Setting<Secret>,
        endpoints: OAuthEndpoints,
        sender: HTTPSender,
        now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        let explanation =
            "authenticated by oauth-m2m, client id \(id.value) from \(id.source), client secret from \(secret.source)"
        self.explanation = explanation
        self.cache = TokenCache(now: now, logger: logger) {
            do {
                let asked = now()
                let response = try await endpoints.token(id: id.value, secret: secret.value, sender: sender)
                return try Self.minted(response, asked: asked)
            } catch var error as DatabricksError {
                error.message += "; \(explanation)"
                throw error
            }
        }
    }

    /// `oauth-m2m`.
    public var authType: AuthType { .clientCredentials }

    /// What has been done so far, without the token.
    public var snapshot: TokenCacheSnapshot { self.cache.snapshot }

    /// The current token as a bearer.
    public func headers() async throws(DatabricksError) -> [String: Secret] {
        do {
            return ["Authorization": try await self.cache.token().header]
        } catch let error as DatabricksError {
            throw error
        } catch {
            throw DatabricksError(code: .cancelled, message: "the wait for a token was cancelled")
        }
    }

    /// Drops the token, unless a newer one has taken its place.
    public func refused(_ headers: [String: Secret]) {
        guard let header = headers["Authorization"] else { return }
        self.cache.invalidate(WorkspaceToken(header: header))
    }

    /// Runs renewals as child tasks.
    ///
    /// Optional.
    public func run() async { await self.cache.run() }

    /// Ends a renewal that is under way; no token is given any more.
    public func shutDown() { self.cache.shutDown() }

    /// Checks an answer of the token service.
    ///
    /// - Parameter asked: The time before the request: the token's life is counted from then, so that it never ends later than it does.
    private static func minted(
        _ response: OAuth.TokenResponse, asked: Date
    ) throws(DatabricksError) -> MintedToken<WorkspaceToken> {
        guard response.tokenType.lowercased() == "bearer" else {
            throw DatabricksError(
                code: .invalidResponse, message: "the token service gave a token that is no bearer token")
        }
        guard response.accessToken.isVisibleText else {
            throw DatabricksError(code: .invalidResponse, message: "the token service gave an empty or broken token")
        }
        guard response.expiresIn > 0 else {
            throw DatabricksError(
                code: .invalidResponse,
                message: "the token service gave a token that lives \(response.expiresIn) seconds"
            )
        }
        let header = response.accessToken.withUnsafeValue { Secret("Bearer \($0)") }
        let end = asked.addingTimeInterval(Double(response.expiresIn))
        return MintedToken(token: WorkspaceToken(header: header), expiresAt: end)
    }
}

/// A token as it goes into the header.
struct WorkspaceToken: Sendable, Hashable {
    let header: Secret
}

extension Secret {
    /// Whether it is a text that can stand in a header: not empty, visible ASCII only.
    var isVisibleText: Bool {
        self.withUnsafeValue { !$0.isEmpty && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
    }
}

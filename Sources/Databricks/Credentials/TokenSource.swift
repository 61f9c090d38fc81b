//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Logging
public import Secrets

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Gets tokens of the workspace, one at a time.
///
/// A program that has tokens from elsewhere gives its own source to ``RenewedCredentials``, which keeps the token,
/// shares it, and asks for another ahead of its end.
public protocol TokenSource: Sendable {
    /// The name of the method, for the user agent.
    var authType: AuthType { get }

    /// The method and where its parts came from, without any secret, for the messages of refusals.
    var explanation: String { get }

    /// Returns a new token with its expiry time by this machine's clock.
    ///
    /// It is called again when the last token is about to end or was refused, so it must not return that one. It must
    /// have a time limit of its own, and its errors must not contain secrets.
    func token() async throws(DatabricksError) -> MintedToken<Secret>
}

/// Credentials from a source of tokens, with one token for all callers.
///
/// The token is made at first use and renewed ahead of its end while it is used, by a ``TokenCache``.
public final class RenewedCredentials: CredentialsProvider {
    private let cache: TokenCache<WorkspaceToken>
    /// The name of the method.
    public let authType: AuthType
    /// The method and where its parts came from.
    public let explanation: String

    /// Creates credentials from a source.
    ///
    /// - Parameters:
    ///   - source: Makes the tokens.
    ///   - policy: When to renew and how to retry.
    ///   - now: The wall clock. Replaced in tests.
    ///   - logger: Gets a warning when renewing fails while the old token lives; all else is debug.
    public init(
        source: some TokenSource,
        policy: TokenCachePolicy = .init(),
        now: @escaping @Sendable () -> Date = { Date() },
        logger: Logger
    ) {
        self.authType = source.authType
        self.explanation = source.explanation
        self.cache = TokenCache(policy: policy, now: now, logger: logger) {
            do {
                let minted = try await source.token()
                guard minted.token.isVisibleText else {
                    throw DatabricksError(
                        code: .invalidResponse, message: "the token service returned an empty or broken token")
                }
                let header = minted.token.withUnsafeValue { Secret("Bearer \($0)") }
                return MintedToken(token: WorkspaceToken(header: header), expiresAt: minted.expiresAt)
            } catch var error as DatabricksError {
                error.message += "; \(source.explanation)"
                throw error
            }
        }
    }

    /// The counts so far, without the token.
    package var snapshot: TokenCacheSnapshot { self.cache.snapshot }

    /// The current token in a bearer header.
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

    /// Cancels a renewal that is running; later calls get no token.
    public func shutDown() { self.cache.shutDown() }
}

/// A token as it goes into the header.
struct WorkspaceToken: Sendable, Hashable {
    let header: Secret
}

extension Secret {
    /// Whether it is valid in a header: not empty, visible ASCII only.
    var isVisibleText: Bool {
        self.withUnsafeValue { !$0.isEmpty && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
    }
}

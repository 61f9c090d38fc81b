//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A new token with its expiry time, as a mint returns it to the cache.
public struct MintedToken<Token: Sendable>: Sendable {
    /// The token.
    public var token: Token
    /// The expiry time, by this machine's wall clock.
    public var expiresAt: Date

    /// Creates a token with its expiry time.
    public init(token: Token, expiresAt: Date) {
        self.token = token
        self.expiresAt = expiresAt
    }
}

/// A snapshot of a token cache, without the token.
package struct TokenCacheSnapshot: Sendable {
    /// The time at which the current token was minted; nil when there is none.
    package var mintedAt: Date?
    /// The expiry time of the current token; nil when there is none.
    package var expiresAt: Date?
    /// The number of tokens minted.
    package var mints: Int
    /// The number of failed attempts since the last success.
    package var failures: Int
    /// Why the last attempt failed; nil after a success.
    package var lastError: (any Error)?
    /// The time before which no new attempt is made; nil after a success.
    package var retryAt: Date?
    /// Whether an attempt is running.
    package var isMinting: Bool
    /// The number of callers that wait for it.
    package var waiters: Int
}

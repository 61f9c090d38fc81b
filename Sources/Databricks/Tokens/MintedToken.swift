//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A new token and its end, as a mint hands them to the cache.
public struct MintedToken<Token: Sendable>: Sendable {
    /// The token.
    public var token: Token
    /// When it ends, by this machine's wall clock.
    public var expiresAt: Date

    /// A token and its end.
    public init(token: Token, expiresAt: Date) {
        self.token = token
        self.expiresAt = expiresAt
    }
}

/// What a token cache has done so far, without the token.
package struct TokenCacheSnapshot: Sendable {
    /// When the current token was made; nil when there is none.
    package var mintedAt: Date?
    /// When the current token ends; nil when there is none.
    package var expiresAt: Date?
    /// How many tokens have been made.
    package var mints: Int
    /// How many attempts have failed since the last success.
    package var failures: Int
    /// Why the last attempt failed; nil after a success.
    package var lastError: (any Error)?
    /// Before when no new attempt is made; nil after a success.
    package var retryAt: Date?
    /// Whether an attempt is under way.
    package var isMinting: Bool
    /// How many callers wait for it.
    package var waiters: Int
}

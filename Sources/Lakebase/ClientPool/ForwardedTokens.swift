//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tokens of one user's requests, and the choice of the one with which to mint.
///
/// Two browsers of one user send two tokens, in turns. The token that expires last is used, so that the order of
/// requests does not matter; if expiry times are unknown, the token that was first seen most recently.
struct ForwardedTokens<Token: Equatable> {
    /// The number of tokens kept: enough for one user's browsers.
    static var limit: Int { 4 }

    private struct Entry {
        var token: Token
        var expiresAt: Date?
    }

    /// The tokens, the best one last.
    private var entries: [Entry] = []

    var count: Int { self.entries.count }

    /// Adds a token, unless it is known.
    mutating func add(_ token: Token, expiresAt: Date?) {
        guard !self.entries.contains(where: { $0.token == token }) else { return }
        let better = self.entries.lastIndex { entry in
            guard let expiresAt, let other = entry.expiresAt else { return true }
            return other <= expiresAt
        }
        self.entries.insert(Entry(token: token, expiresAt: expiresAt), at: better.map { $0 + 1 } ?? 0)
        if self.entries.count > Self.limit { self.entries.removeFirst() }
    }

    /// The token to use; nil when all have expired.
    func best(now: Date) -> Token? {
        self.entries.last { entry in entry.expiresAt.map { $0 > now } ?? true }?.token
    }

    /// Drops a token that was refused.
    mutating func refuse(_ token: Token) { self.entries.removeAll { $0.token == token } }
}

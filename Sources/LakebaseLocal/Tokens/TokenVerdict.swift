//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What a presented token turned out to be.
enum TokenVerdict: Equatable, Sendable {
    /// Not three parts of base64url JSON.
    case notAToken
    /// A token whose signature is not ours; the workspace it claims to come from, if it names one.
    case badSignature(claimedWorkspace: String?)
    /// A token of ours that ended.
    case expired(TokenClaims)
    /// A token of ours that is good.
    case valid(TokenClaims)
}

extension TokenVerdict {
    /// Judges claims whose signature was good.
    static func judging(_ claims: TokenClaims, now: Double) -> TokenVerdict {
        Double(claims.expiresAt) <= now ? .expired(claims) : .valid(claims)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The result of examining a presented token.
enum TokenVerdict: Equatable, Sendable {
    /// Not three parts of base64url JSON.
    case notAToken
    /// A token with a foreign signature; the workspace that it claims to come from, if it names one.
    case badSignature(claimedWorkspace: String?)
    /// A token of this workspace that has expired.
    case expired(TokenClaims)
    /// A valid token of this workspace.
    case valid(TokenClaims)
}

extension TokenVerdict {
    /// Checks claims whose signature was valid.
    static func judging(_ claims: TokenClaims, now: Double) -> TokenVerdict {
        Double(claims.expiresAt) <= now ? .expired(claims) : .valid(claims)
    }
}

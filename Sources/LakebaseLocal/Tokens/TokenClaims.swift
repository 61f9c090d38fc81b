//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import JWTKit

/// The claims of a token of the local workspace.
///
/// The claims of the service's own tokens are not documented. `sub` is the user name, which is what its Data API takes
/// the role from by default; the rest is ours.
struct TokenClaims: JWTPayload, Equatable {
    /// The purpose of a token.
    ///
    /// The two never stand in for each other.
    enum Use: String, Codable, Sendable {
        /// The workspace's HTTP services.
        case workspace
        /// A Postgres login.
        case database = "database_credential"
    }

    var issuer: String
    var subject: String
    var audience: String
    /// Seconds since 1970.
    var issuedAt: Int
    /// Seconds since 1970; the token is valid before this time.
    var expiresAt: Int
    var id: String
    var workspaceID: String
    var use: Use
    var scope: String?
    /// The endpoint for which a database credential was minted.
    var endpoint: String?

    enum CodingKeys: String, CodingKey {
        case issuer = "iss"
        case subject = "sub"
        case audience = "aud"
        case issuedAt = "iat"
        case expiresAt = "exp"
        case id = "jti"
        case workspaceID = "workspace_id"
        case use = "token_use"
        case scope
        case endpoint
    }

    /// Does nothing: the library checks the signature, ``TokenVerdict`` the claims.
    func verify(using algorithm: some JWTAlgorithm) async throws {}
}

/// A token with its expiry time.
struct MintedToken: Sendable {
    var token: String
    var expiresAt: Date
}

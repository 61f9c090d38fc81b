//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension LakebaseCredentials {
    /// A password for logins to a database, and when it expires.
    ///
    /// It is checked at login only: an open connection outlives it.
    public struct Credential: Sendable, Hashable {
        /// The password; nil where the server wants none.
        public var password: Secret?
        /// When it was minted; nil for a password that is not.
        public var mintedAt: Date?
        /// When it expires; nil for a password that does not.
        public var expiresAt: Date?

        /// A password and its times.
        public init(password: Secret?, mintedAt: Date? = nil, expiresAt: Date? = nil) {
            self.password = password
            self.mintedAt = mintedAt
            self.expiresAt = expiresAt
        }

        init(_ credential: MintedCredential) {
            self.init(password: credential.token, mintedAt: credential.mintedAt, expiresAt: credential.expiresAt)
        }

        /// The same in the form of the cache; nil for a password that is not minted.
        var minted: MintedCredential? {
            guard let password, let mintedAt, let expiresAt else { return nil }
            return MintedCredential(token: password, mintedAt: mintedAt, expiresAt: expiresAt)
        }
    }
}

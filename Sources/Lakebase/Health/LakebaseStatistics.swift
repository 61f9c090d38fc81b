//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A snapshot of a client's state, with counts since its start.
///
/// Contains no secret.
public struct LakebaseStatistics: Sendable, Hashable, Codable {
    /// The state and counts of the pool.
    public var pool: PQPoolStatistics
    /// The latest login; nil before the first.
    public var lastLogin: Login?
    /// The number of logins, which is that of connections opened.
    public var logins: Int
    /// The credential that is ready for the next login; nil where none is used.
    public var credential: Credential?

    /// A login and the credential it used.
    public struct Login: Sendable, Hashable, Codable {
        /// The time of the login.
        public var at: Date
        /// When its credential was minted; nil where none is used.
        public var credentialMintedAt: Date?
        /// When its credential expires; nil where none is used.
        public var credentialExpiresAt: Date?
    }

    /// The credential for the next login.
    public struct Credential: Sendable, Hashable, Codable {
        /// When the credential was minted; nil when there is none.
        public var mintedAt: Date?
        /// When the credential expires; nil when there is none.
        public var expiresAt: Date?
        /// The number of credentials minted so far.
        public var mints: Int
        /// The number of failed attempts to mint one since the last success.
        public var failures: Int
    }
}

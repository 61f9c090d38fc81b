//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What a client does at a moment and has done so far.
///
/// Holds no secret.
public struct LakebaseStatistics: Sendable, Hashable, Codable {
    /// The pool.
    public var pool: PQPoolStatistics
    /// The latest login; nil before the first.
    public var lastLogin: Login?
    /// How many logins there were, which is connections opened.
    public var logins: Int
    /// The credential that is ready for the next login; nil where none is used.
    public var credential: Credential?

    /// A login and the credential it used.
    public struct Login: Sendable, Hashable, Codable {
        /// When.
        public var at: Date
        /// When its credential was minted; nil where none is used.
        public var credentialMintedAt: Date?
        /// When its credential ends; nil where none is used.
        public var credentialExpiresAt: Date?
    }

    /// The credential that is ready.
    public struct Credential: Sendable, Hashable, Codable {
        /// When it was minted; nil when there is none.
        public var mintedAt: Date?
        /// When it ends; nil when there is none.
        public var expiresAt: Date?
        /// How many were minted so far.
        public var mints: Int
        /// How many attempts to mint one have failed since the last success.
        public var failures: Int
    }
}

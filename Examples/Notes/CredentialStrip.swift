//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase

/// Which credential the pool last logged in with.
///
/// Never the token itself.
struct CredentialStrip: Codable, Sendable {
    /// Times as RFC 3339, for the page's script.
    var mintedAt: String?
    var expiresAt: String?
    var loggedInAt: String?
    var logins: Int
    var mints: Int
    var connections: Int

    init(_ statistics: LakebaseStatistics) {
        self.mintedAt = statistics.lastLogin?.credentialMintedAt?.ISO8601Format()
        self.expiresAt = statistics.lastLogin?.credentialExpiresAt?.ISO8601Format()
        self.loggedInAt = statistics.lastLogin?.at.ISO8601Format()
        self.logins = statistics.logins
        self.mints = statistics.credential?.mints ?? 0
        self.connections = statistics.pool.size
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Hummingbird
import Lakebase

/// What the status page shows, and the notes' page asks for every second.
struct Status: ResponseCodable, Sendable {
    struct Pool: Codable, Sendable {
        var open: Int
        var inUse: Int
        var idle: Int
        var connecting: Int
        var waiting: Int
        var lost: Int
        var timedOut: Int
    }

    struct Users: Codable, Sendable {
        var clients: Int
        var active: Int
        var connections: Int
        var waiting: Int
        var opened: Int
        var evicted: Int
        var rejected: Int
    }

    /// How many notes the visitor has.
    var notes: Int
    var strip: CredentialStrip
    var pool: Pool
    /// nil where visitors have no clients of their own.
    var users: Users?
    /// The name of the visitor; nil when nobody is signed in.
    var visitor: String?

    init(
        notes: Int, statistics: LakebaseStatistics, users: LakebaseClientPool.Statistics?,
        visitor: LakebaseClientPool.VerifiedUser?
    ) {
        let pool = statistics.pool
        self.notes = notes
        self.strip = CredentialStrip(statistics)
        self.pool = Pool(
            open: pool.size, inUse: pool.leased, idle: pool.idle, connecting: pool.connecting, waiting: pool.waiting,
            lost: pool.totals.lost, timedOut: pool.totals.timedOut)
        self.users = users.map {
            Users(
                clients: $0.clients, active: $0.active, connections: $0.connections, waiting: $0.waiting,
                opened: $0.totals.opened, evicted: $0.totals.evicted, rejected: $0.totals.rejected)
        }
        self.visitor = visitor?.userName
    }
}

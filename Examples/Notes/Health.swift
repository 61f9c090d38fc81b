//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import HTTPTypes
import Hummingbird
import Lakebase

/// What a supervisor asks: whether the process lives, and whether it can serve.
///
/// Neither asks the database, which would keep a compute awake that nobody else uses.
enum Health {
    /// Whether requests are worth sending here: a credential could be had the last time one was wanted, and nobody waits for
    /// a connection while there is none.
    static func isReady(_ statistics: LakebaseStatistics) -> Bool {
        let isStuck = statistics.pool.waiting > 0 && statistics.pool.size == statistics.pool.connecting
        return (statistics.credential?.failures ?? 0) == 0 && !isStuck
    }

    static func answer(_ isWell: Bool) -> Response {
        Response(
            status: isWell ? .ok : .serviceUnavailable,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: isWell ? "ok\n" : "not ready\n")))
    }
}

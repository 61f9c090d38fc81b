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
    static func live(_ lakebase: LakebaseClient) -> Response {
        Self.answer(lakebase.isLive, "the client has ended")
    }

    static func ready(_ lakebase: LakebaseClient) async -> Response {
        let health = await lakebase.checkHealth()
        return Self.answer(health.isReady, health.reason.rawValue)
    }

    private static func answer(_ isWell: Bool, _ reason: String) -> Response {
        Response(
            status: isWell ? .ok : .serviceUnavailable,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: isWell ? "ok\n" : "not ready: \(reason)\n")))
    }
}

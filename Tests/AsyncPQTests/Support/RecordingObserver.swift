//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization

/// Records how statements ended.
final class RecordingObserver: PQQueryObserver {
    private let recorded = Mutex<[String]>([])

    /// Each statement with its command tag, or "failed".
    var ends: [String] { self.recorded.withLock { $0 } }

    func queryBegan(_ sql: String, _ kind: PQQueryKind) -> PQQueryToken { PQQueryToken() }

    func queryEnded(_ sql: String, _ token: PQQueryToken, _ result: Result<PQRows, any Error>) {
        let end = (try? result.get().commandTag) ?? "failed"
        self.recorded.withLock { $0.append("\(sql): \(end)") }
    }
}

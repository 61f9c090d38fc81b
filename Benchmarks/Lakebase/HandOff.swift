//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import BenchmarkSupport
import Lakebase
import Logging
import Synchronization

/// How long a lease takes from the end of one caller's work to the beginning of the next one's, with one connection and
/// several callers in line.
@concurrent
func handOff(_ server: BenchServer, callers: Int, count: Int, onLoop: Bool) async throws -> Latencies {
    let loops = try PQEventLoopGroup(count: 1)
    let client = try server.client(connections: 1, loops: loops)
    let clock = LastReturn()
    let latencies = try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        defer { group.cancelAll() }
        try await client.query("SELECT 1")
        return try await withThrowingTaskGroup(of: Latencies.self) { callersGroup in
            for _ in 0..<callers {
                callersGroup.addTask(executorPreference: onLoop ? loops.loops[0] : nil) {
                    var latencies = Latencies()
                    for _ in 0..<count / callers {
                        try await client.withConnection { _ in
                            let now = ContinuousClock.now
                            if let last = clock.take() { latencies.add(last.duration(to: now)) }
                            clock.set()
                        }
                    }
                    return latencies
                }
            }
            return try await callersGroup.reduce(into: Latencies()) { $0.values += $1.values }
        }
    }
    for loop in loops.loops { loop.stop() }
    return latencies
}

/// When the connection was last given back.
private final class LastReturn: Sendable {
    private let instant = Mutex<ContinuousClock.Instant?>(nil)

    func take() -> ContinuousClock.Instant? {
        self.instant.withLock { instant in
            defer { instant = nil }
            return instant
        }
    }

    func set() { self.instant.withLock { $0 = .now } }
}

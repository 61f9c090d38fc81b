//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization
import TestSupport
import Testing

@testable import AsyncPQPool

/// A pool on the test server whose statements share connections, with the sessions that it opened.
final class SharedPool: Sendable {
    let pool: ConnectionPool
    private let opened: Opened

    private final class Opened: Sendable {
        let connections = Mutex<[PQConnection]>([])
    }

    init(
        connections: Int, multiplexing: PQMultiplexing = .standard, observer: (any PQQueryObserver)? = nil,
        delegate: (any PQPoolDelegate)? = nil, way: Way = .socket, loops: PQEventLoopGroup = .shared,
        sharing: SharingLimits = SharingLimits()
    ) throws {
        var configuration = try TestServer.shared().configuration(for: way)
        configuration.queryObserver = observer
        let opened = Opened()
        self.opened = opened
        var limits = PQPoolConfiguration(
            maximumConnections: connections, maximumWaiters: 100_000, acquireTimeout: .seconds(100),
            connectTimeout: .seconds(60), multiplexing: multiplexing)
        limits.sharing = sharing
        self.pool = ConnectionPool(
            configuration: limits, delegate: delegate, logger: quiet
        ) { [configuration] in
            let connection = try await PQConnection.connect(configuration, on: loops.next(), logger: quiet)
            opened.connections.withLock { $0.append(connection) }
            return connection
        }
    }

    var connections: [PQConnection] { self.opened.connections.withLock { $0 } }

    /// A connection that lasts only as long as others use it.
    struct Remembered: Sendable {
        weak let connection: PQConnection?
    }

    /// Gives up the connections.
    func forget() -> [Remembered] {
        self.opened.connections.withLock { connections in
            defer { connections = [] }
            return connections.map { Remembered(connection: $0) }
        }
    }

    var statistics: PQPoolStatistics { self.pool.statistics }

    /// Limits by which statements share connections however slow the machine is at the moment.
    static let patient = SharingLimits(longestAverage: .seconds(3600), stall: .seconds(3600))

    /// Opens all connections, and lets the pool learn that these statements are short.
    func warm(_ queries: [PQQuery]) async throws {
        for _ in 0..<6 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<self.pool.configuration.maximumConnections * 4 {
                    group.addTask { for query in queries { _ = try? await self.pool.query(query) } }
                }
                try await group.waitForAll()
            }
        }
    }

    /// Whether no statement and no lease is left.
    func isAtRest() async -> Bool {
        await becomesTrue {
            let statistics = self.statistics
            return statistics.leased == 0 && statistics.waiting == 0 && statistics.idle == statistics.size
        }
    }
}

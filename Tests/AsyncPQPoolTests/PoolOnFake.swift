//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization
import TestSupport

@testable import AsyncPQPool

/// A pool on a server of its own, which remembers every connection it opened.
final class PoolOnFake: Sendable {
    let server: FakePostgres
    let pool: ConnectionPool
    private let opened: Opened

    private final class Opened: Sendable {
        let connections = Mutex<[PQConnection]>([])
    }

    init(_ configuration: PQPoolConfiguration = PQPoolConfiguration(), log: LogStore = LogStore()) throws {
        let (server, opened) = (try FakePostgres(), Opened())
        self.server = server
        self.opened = opened
        self.pool = ConnectionPool(configuration: configuration, logger: log.logger) {
            let connection = try await PQConnection.connect(server.configuration, logger: log.logger)
            opened.connections.withLock { $0.append(connection) }
            return connection
        }
    }

    /// How many of the connections are open by their own account.
    var stillOpen: Int {
        get async {
            var count = 0
            for connection in self.opened.connections.withLock({ $0 }) where await connection.isOpen { count += 1 }
            return count
        }
    }

    deinit { self.server.stop() }
}

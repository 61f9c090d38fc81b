//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Select by primary key through PostgresNIO's PostgresClient: a lease per query, N tasks, one event loop.
//
// Built by script/bench, outside of this package, where POSTGRES_NIO names a checkout of PostgresNIO.
//
// usage: peer NAME HOST PORT USER DATABASE ROWS TASKS SECONDS CONNECTIONS
// Prints queries a second, and the microseconds that a query took with its wait for a connection: the median, and the 99th
// of a hundred.

import Foundation
import Logging
import NIOPosix
import PostgresNIO

struct Balance: PostgresPreparedStatement {
    static let name = "balance"
    static let sql = "SELECT abalance FROM pgbench_accounts WHERE aid = $1"
    typealias Row = Int32

    var account: Int32

    func makeBindings() -> PostgresBindings {
        var bindings = PostgresBindings()
        bindings.append(self.account)
        return bindings
    }

    func decodeRow(_ row: PostgresRow) throws -> Int32 { try row.decode(Int32.self) }
}

@main
struct Peer {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 10, let port = Int(arguments[3]), let rows = Int32(arguments[6]),
            let tasks = Int(arguments[7]),
            let seconds = Int(arguments[8]), let connections = Int(arguments[9])
        else {
            FileHandle.standardError.write(
                Data("usage: peer NAME HOST PORT USER DATABASE ROWS TASKS SECONDS CONNECTIONS\n".utf8))
            exit(64)
        }

        var configuration = PostgresClient.Configuration(
            host: arguments[2], port: port, username: arguments[4], password: nil, database: arguments[5], tls: .disable
        )
        configuration.options.minimumConnections = connections
        configuration.options.maximumConnections = connections
        let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = PostgresClient(configuration: configuration, eventLoopGroup: eventLoops)
        let logger = Logger(label: "peer", factory: { _ in SwiftLogNoOpLogHandler() })

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            let start = ContinuousClock.now
            let end = start + .seconds(seconds)
            var taken = try await withThrowingTaskGroup(of: [Duration].self) { workers in
                for _ in 0..<tasks {
                    workers.addTask {
                        var taken: [Duration] = []
                        var before = ContinuousClock.now
                        while before < end {
                            for try await _ in try await client.execute(
                                Balance(account: .random(in: 1...rows)), logger: logger)
                            {}
                            let after = ContinuousClock.now
                            taken.append(before.duration(to: after))
                            before = after
                        }
                        return taken
                    }
                }
                var all: [Duration] = []
                for try await taken in workers { all += taken }
                return all
            }
            let elapsed = start.duration(to: .now)
            group.cancelAll()
            taken.sort()
            func microseconds(_ duration: Duration) -> Double { duration / .microseconds(1) }
            let (p50, p99) = (taken[taken.count / 2], taken[(taken.count - 1) * 99 / 100])
            print(Double(taken.count) / (elapsed / .seconds(1)), microseconds(p50), microseconds(p99))
        }
    }
}

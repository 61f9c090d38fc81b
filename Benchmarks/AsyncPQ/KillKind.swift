//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import AsyncPQ
import AsyncPQPool
import BenchmarkSupport

/// What a session does when it is ended.
enum KillKind: String, CaseIterable, ExpressibleByArgument, Sendable {
    case query
    case stream
    case copyIn
    case copyOut
    case pipeline
    case listen
    case multiplexed

    private static let tasksOfClient = 64

    /// How many callers are at work over that many connections.
    func callers(connections: Int) -> Int { self == .multiplexed ? Self.tasksOfClient : connections }

    /// Starts the callers, which work until the ledger is stopped and they have got one more error.
    func start(
        _ server: BenchServer, connections: Int, on loops: PQEventLoopGroup, _ ledger: KillLedger
    ) -> [Task<Void, Never>] {
        guard self != .multiplexed else {
            return [Task { await self.runClient(server, connections: connections, on: loops, ledger) }]
        }
        return (0..<connections).map { index in
            // Half of them are on the loop.
            Task(executorPreference: index.isMultiple(of: 2) ? loops.loops[0] : nil) {
                while !ledger.isStopped { await self.useOneConnection(server, on: loops.next(), ledger) }
                ledger.callerEnded()
            }
        }
    }

    /// Opens a connection and uses it until it fails.
    private func useOneConnection(_ server: BenchServer, on loop: PQEventLoop, _ ledger: KillLedger) async {
        let begin = ContinuousClock.now
        var victim: Int32?
        do {
            let connection = try await server.connect(on: loop)
            try await connection.execute(script: "CREATE TEMP TABLE killed (line text) ON COMMIT DELETE ROWS")
            let own = try await connection.query("SELECT pg_backend_pid()").value(as: Int32.self)
            victim = own
            ledger.begins(own)
            while true { try await self.work(on: connection) }
        } catch {
            ledger.failed(error, of: victim, since: begin)
        }
    }

    private static let lines = [UInt8](
        Array(repeating: "a line of the text that is copied\n", count: 2000).joined().utf8)

    private func work(on connection: PQConnection) async throws {
        let rows: PQQuery = "SELECT n, 'row ' || n FROM (SELECT generate_series(1, 300000) AS n) s"
        switch self {
        case .query, .multiplexed:
            switch Int.random(in: 0..<3) {
            case 0: try await connection.query("SELECT 1")
            case 1: try await connection.query("SELECT pg_sleep(\(Double.random(in: 0...0.05)))")
            default: try await connection.query("SELECT count(*) FROM generate_series(1, 100000)")
            }
        case .stream:
            for try await (number, text) in connection.stream(rows).decode((Int32, String).self) {
                guard text.utf8.count > 4, number > 0 else { throw ProgramFailure(program: "stream", output: text) }
            }
        case .copyIn:
            try await connection.copyIn("COPY killed FROM STDIN") { writer in
                for _ in 0..<200 { try await writer.write(Self.lines) }
            }
        case .copyOut:
            for try await chunk in connection.copyOut(query: rows, format: .text()) {
                guard !chunk.isEmpty else { throw ProgramFailure(program: "copyOut", output: "an empty chunk") }
            }
        case .pipeline:
            try await connection.pipeline((0..<100).map { "SELECT \(Int32($0))" })
        case .listen:
            for try await notification in try await connection.listen("kills") {
                guard notification.channel == "kills" else {
                    throw ProgramFailure(program: "listen", output: notification.channel)
                }
            }
        }
    }

    /// Runs short statements of many tasks over a client.
    private func runClient(
        _ server: BenchServer, connections: Int, on loops: PQEventLoopGroup, _ ledger: KillLedger
    ) async {
        do {
            let client = try PQClient(
                configuration: server.configuration,
                pool: PQPoolConfiguration(maximumConnections: connections), eventLoops: loops, logger: .silent)
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await client.run() }
                await withTaskGroup(of: Void.self) { tasks in
                    for task in 0..<Self.tasksOfClient {
                        tasks.addTask {
                            var accounts = Accounts(task: task, count: server.accounts)
                            while !ledger.isStopped { await self.ask(client, for: accounts.next(), ledger) }
                            ledger.callerEnded()
                        }
                    }
                }
                group.cancelAll()
            }
        } catch {
            ledger.failed(error, of: nil, since: .now)
        }
    }

    private func ask(_ client: PQClient, for account: Int, _ ledger: KillLedger) async {
        let begin = ContinuousClock.now
        do {
            // Tells the killer which sessions there are.
            let rows = try await client.query(
                "SELECT abalance, pg_backend_pid() FROM pgbench_accounts WHERE aid = \(Int32(account))")
            ledger.begins(try rows[0].decode(Int32.self, at: 1))
        } catch {
            ledger.failed(error, of: nil, since: begin)
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import AsyncPQ
import AsyncPQPool
import BenchmarkSupport
import Foundation
import Synchronization

/// One-shot statements of many tasks over few connections, with and without multiplexing.
struct MultiplexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "multiplex",
        abstract: "Many tasks with one-shot statements over a pool, multiplexed and not, beside pgbench.")

    @OptionGroup var options: ServerOptions
    @OptionGroup var libpq: LibpqPeers
    @Option(parsing: .upToNextOption, help: "Connections of the pool, and clients of pgbench.") var connections = [10]
    @Option(parsing: .upToNextOption, help: "Numbers of tasks.") var tasks = [64, 500]
    @Option(help: "How many statements may be on one connection.") var depth = PQMultiplexing.standard.mostStatements

    @Option(help: "Run only the contenders whose name contains this, for a profiler.") var only: String?

    private static let baseline = "pgbench -S -M prepared"
    private static let pipeline = "pgbench, pipeline script"
    private static let libpq = "C, pipelines with a Sync each"
    private static let multiplexed = "ours, multiplexed"
    private static let alone = "ours, not multiplexed"

    func run() async throws {
        for connections in self.connections {
            for tasks in self.tasks { try await self.measure(tasks: tasks, connections: connections) }
        }
    }

    private func measure(tasks: Int, connections: Int) async throws {
        // As many as each connection has if all tasks have a statement on the server, as far as that is allowed.
        let depth = max(1, min(self.depth, (tasks + connections - 1) / connections))
        let script = NSTemporaryDirectory() + "lakebase-bench-\(UUID().uuidString).sql"
        try Self.pipelineScript(depth: depth, accounts: self.options.accounts)
            .write(toFile: script, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: script) }
        let shares = Mutex<[Double]>([])
        var contenders =
            self.peers(connections: connections, depth: depth, script: script)
            + self.ours(tasks: tasks, connections: connections) { share in shares.withLock { $0.append(share) } }
        contenders.removeAll { contender in !(self.only.map(contender.name.contains) ?? true) }
        let table = try await compare(rounds: self.options.rounds, with: "pgbench", contenders)
        say(
            "\n\(tasks) tasks over \(connections) connections, one-shot selects a second; pgbench has \(connections) clients, "
                + "one thread, and \(depth) statements in a pipeline; median of \(self.options.rounds) rounds of "
                + "\(self.options.seconds) s\n\(table)")
        self.sayMore(table, tasks: tasks, shares: shares.withLock { $0 })
    }

    private func peers(connections: Int, depth: Int, script: String) -> [Contender] {
        let (server, seconds) = (self.options.server, self.options.seconds)
        return [
            Contender(Self.baseline) {
                Measured(rate: try await server.pgbench(tasks: connections, seconds: seconds))
            },
            Contender(Self.pipeline) {
                let batches = try await server.pgbench(["-f", script, "-c", "\(connections)", "-T", "\(seconds)"])
                return Measured(rate: batches * Double(depth))
            },
            // Each statement is a transaction of its own, as ours are after a failure; in pgbench's pipeline all together are one.
            Contender(Self.libpq) { [libpq] in
                let numbers = try await server.numbers(
                    libpq.pipeline,
                    [
                        server.connectionString, "\(server.accounts)", "\(depth)", "\(seconds)", "each",
                        "\(connections)",
                    ])
                return Measured(rate: numbers[0])
            },
        ]
    }

    /// - Parameter note: Receives the part of the statements that shared a connection.
    private func ours(
        tasks: Int, connections: Int, note: @escaping @Sendable (Double) -> Void
    ) -> [Contender] {
        let (server, seconds) = (self.options.server, self.options.seconds)
        let settings: [(String, PQMultiplexing)] = [(Self.multiplexed, .depth(self.depth)), (Self.alone, .off)]
        return settings.flatMap { name, multiplexing in
            [true, false].map { onLoop in
                let goal: Goal? = multiplexing != .off && onLoop && connections == 10 ? .atLeast(2) : nil
                return Contender(onLoop ? name : name + ", not on the loop", goal: goal) {
                    let (measured, share) = try await multiplexedLoad(
                        server, tasks: tasks, connections: connections, multiplexing, seconds: seconds,
                        onLoop: onLoop)
                    if multiplexing != .off { note(share) }
                    return measured
                }
            }
        }
    }

    private func sayMore(_ table: ResultTable, tasks: Int, shares: [Double]) {
        if let least = shares.min(), let most = shares.max() {
            // Only statements known to be short share, and on a machine that is overloaded none is.
            say(
                String(
                    format: "  multiplexed: %.0f %% of the statements shared a connection (%.0f ... %.0f)",
                    median(shares) * 100, least * 100, most * 100))
        }
        for (name, peer) in [("pgbench's pipeline", Self.pipeline), ("C with a Sync each", Self.libpq)] {
            let ratios = table.ratios(Self.multiplexed, to: peer)
            guard let least = ratios.min(), let most = ratios.max() else { continue }
            say(
                String(format: "  multiplexed: %.2f of \(name) (%.2f ... %.2f)", median(ratios), least, most)
                    + Goal.atLeast(0.8).verdict(median(ratios)))
        }
        if let shared = table.p99(Self.multiplexed), let alone = table.p99(Self.alone), alone > 0 {
            say(
                String(format: "  multiplexed: p99 %.2f of the one without multiplexing", shared / alone)
                    + (tasks == 64 ? Goal.atMost(1).verdict(shared / alone) : ""))
        }
    }

    /// A script for pgbench that sends that many selects in one pipeline.
    private static func pipelineScript(depth: Int, accounts: Int) -> String {
        var lines = ["\\startpipeline"]
        for _ in 0..<depth {
            lines.append("\\set aid random(1, \(accounts))")
            lines.append("SELECT abalance FROM pgbench_accounts WHERE aid = :aid;")
        }
        return (lines + ["\\endpipeline", ""]).joined(separator: "\n")
    }
}

extension PQMultiplexing {
    /// How many statements may be on one connection.
    fileprivate var mostStatements: Int {
        switch self {
        case .off: 1
        case .depth(let depth): depth
        }
    }
}

/// Statements a second of many tasks with a query of the pool for each, how long each one took, and what part of them
/// shared a connection.
@concurrent
private func multiplexedLoad(
    _ server: BenchServer, tasks: Int, connections: Int, _ multiplexing: PQMultiplexing, seconds: Int, onLoop: Bool
) async throws -> (Measured, Double) {
    let loops = try PQEventLoopGroup(count: 1)
    defer { for loop in loops.loops { loop.stop() } }
    let client = try PQClient(
        configuration: server.configuration,
        pool: PQPoolConfiguration(
            minimumConnections: connections, maximumConnections: connections, multiplexing: multiplexing),
        eventLoops: loops, logger: .silent)
    let measured = try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        defer { group.cancelAll() }
        try await client.query("SELECT 1")
        return try await measureSelects(
            server, tasks: tasks, seconds: seconds, executor: onLoop ? loops.loops[0] : nil
        ) { query in try await client.query(query) }
    }
    let totals = client.statistics.totals
    return (measured, Double(totals.multiplexed) / Double(max(totals.acquired, 1)))
}

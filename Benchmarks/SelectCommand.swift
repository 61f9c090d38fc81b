//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import AsyncPQ
import Foundation
import Lakebase
import Logging

/// Select by primary key: pgbench, this library and the peers, in interleaved rounds.
struct SelectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "select", abstract: "Select by primary key at several numbers of tasks, beside the peers.")

    @OptionGroup var options: ServerOptions
    @Option(help: "Run only the contenders whose name contains this, for a profiler.") var only: String?
    @Flag(help: "Also run a lease per query with telemetry off, and on with a backend that counts.")
    var telemetry = false
    @Option(parsing: .upToNextOption, help: "Numbers of tasks.") var tasks = [1, 4, 16]

    func run() async throws {
        let server = self.options.server
        let (rounds, seconds) = (self.options.rounds, self.options.seconds)
        say("select by primary key, queries a second; median of \(rounds) rounds of \(seconds) s each")
        for count in self.tasks {
            var table = ResultTable(baseline: "pgbench -S -M prepared, one thread")
            for _ in 0..<rounds {
                for contender in self.contenders(server) where self.only.map(contender.name.contains) ?? true {
                    table.add(contender.name, try await contender.run(count))
                }
            }
            say("\n\(count) \(count == 1 ? "task" : "tasks")\n\(table)")
        }
    }

    private struct Contender {
        var name: String
        var run: (Int) async throws -> Double
    }

    private func contenders(_ server: BenchServer) -> [Contender] {
        let seconds = self.options.seconds
        var contenders = [
            Contender(name: "pgbench -S -M prepared, one thread") {
                try await server.pgbench(tasks: $0, seconds: seconds)
            },
            Contender(name: "a held connection of ours") {
                try await heldConnections(server, tasks: $0, seconds: seconds)
            },
            Contender(name: "a pool lease per query of ours") {
                try await leasePerQuery(server, tasks: $0, seconds: seconds, onLoop: true)
            },
            Contender(name: "the same, tasks not on the loop") {
                try await leasePerQuery(server, tasks: $0, seconds: seconds, onLoop: false)
            },
        ]
        if self.telemetry { contenders += self.telemetryContenders(server) }
        for peer in self.options.peerNames {
            contenders.append(
                Contender(name: peer) { [options] in
                    try await options.peer(peer, tasks: $0, connections: $0).rate
                })
        }
        return contenders
    }
}

extension SelectCommand {
    /// The lease per query is measured with telemetry on and no backend: these show what that costs, and what a backend does.
    private func telemetryContenders(_ server: BenchServer) -> [Contender] {
        let seconds = self.options.seconds
        return [
            Contender(name: "a lease per query, telemetry off") {
                try await leasePerQuery(server, tasks: $0, seconds: seconds, onLoop: true, telemetry: .off)
            },
            Contender(name: "a lease per query, counting backend") {
                let metrics = CountingMetrics()
                let rate = try await leasePerQuery(
                    server, tasks: $0, seconds: seconds, onLoop: true, metrics: metrics)
                // Otherwise it would not have been measured what the line says.
                guard metrics.calls > Int(rate) else {
                    throw ProgramFailure(program: "the counting backend", output: "\(metrics.calls) calls")
                }
                return rate
            },
        ]
    }
}

/// Numbers of contenders over several rounds.
struct ResultTable: CustomStringConvertible {
    let baseline: String
    private var order: [String] = []
    private var values: [String: [Double]] = [:]

    init(baseline: String) { self.baseline = baseline }

    mutating func add(_ name: String, _ value: Double) {
        if self.values[name] == nil { self.order.append(name) }
        self.values[name, default: []].append(value)
    }

    var description: String {
        let base = self.values[self.baseline] ?? []
        return self.order.map { name in
            let values = self.values[name] ?? []
            // The ratio of each round, so that a machine that slows down slows both.
            let ratios = zip(values, base).map { $0 / $1 }
            let ratio =
                base.isEmpty
                ? ""
                : String(
                    format: "  %.2f of pgbench (%.2f ... %.2f)",
                    median(ratios), ratios.min() ?? 0, ratios.max() ?? 0)
            return "  " + name.padding(toLength: 36, withPad: " ", startingAt: 0)
                + String(format: "%8.0f", median(values)) + ratio
        }.joined(separator: "\n")
    }
}

/// The middle value; of two middle ones the mean.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}

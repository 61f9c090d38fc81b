//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import AsyncPQ
import Foundation
import Lakebase

/// Many tasks on few connections: this library beside the peers, and what handing a lease on costs.
struct PoolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool", abstract: "Many tasks on ten connections beside the peers, and the hand-off of a lease.")

    @OptionGroup var options: ServerOptions
    @Option(help: "Connections of each pool.") var connections = 10
    @Option(parsing: .upToNextOption, help: "Numbers of tasks.") var tasks = [64, 500]

    func run() async throws {
        let server = self.options.server
        for count in self.tasks {
            say(
                "\n\(count) tasks on \(self.connections) connections, a lease per query; medians of \(self.options.rounds) rounds"
            )
            var table = PoolTable()
            for _ in 0..<self.options.rounds {
                for contender in self.contenders(server) { table.add(contender.name, try await contender.run(count)) }
            }
            say("\(table)")
        }
        for onLoop in [true, false] {
            var p50s: [Double] = []
            var p99s: [Double] = []
            for _ in 0..<self.options.rounds {
                let (p50, p99) = try await handOff(server, callers: 8, count: 80_000, onLoop: onLoop).percentiles
                p50s.append(p50)
                p99s.append(p99)
            }
            let place = onLoop ? "on the loop" : "not on the loop"
            say(
                "\nhand-off of a lease, 8 tasks \(place), 1 connection: "
                    + String(format: "p50 %.1f us, p99 %.1f us", median(p50s), median(p99s)))
        }
    }

    private struct Contender {
        var name: String
        var run: (Int) async throws -> Measurement
    }

    private func contenders(_ server: BenchServer) -> [Contender] {
        let (seconds, connections) = (self.options.seconds, self.connections)
        var contenders = [
            Contender(name: "pgbench, \(connections) clients, no pool") { _ in
                Measurement(rate: try await server.pgbench(tasks: connections, seconds: seconds))
            },
            Contender(name: "a pool lease per query of ours") {
                try await leaseLatency(server, tasks: $0, connections: connections, seconds: seconds, onLoop: true)
            },
            Contender(name: "the same, tasks not on the loop") {
                try await leaseLatency(server, tasks: $0, connections: connections, seconds: seconds, onLoop: false)
            },
        ]
        for peer in self.options.peerNames {
            contenders.append(
                Contender(name: peer) { [options] in
                    try await options.peer(peer, tasks: $0, connections: connections)
                })
        }
        return contenders
    }
}

/// Rates and latencies over several rounds.
private struct PoolTable: CustomStringConvertible {
    private var order: [String] = []
    private var values: [String: [Measurement]] = [:]

    mutating func add(_ name: String, _ measurement: Measurement) {
        if self.values[name] == nil { self.order.append(name) }
        self.values[name, default: []].append(measurement)
    }

    var description: String {
        self.order.map { name in
            let values = self.values[name] ?? []
            let line =
                "  " + name.padding(toLength: 36, withPad: " ", startingAt: 0)
                + String(format: "%8.0f/s", median(values.map(\.rate)))
            let (p50s, p99s) = (values.compactMap(\.p50), values.compactMap(\.p99))
            guard !p50s.isEmpty, !p99s.isEmpty else { return line }
            return line + String(format: "  p50 %7.0f us  p99 %7.0f us", median(p50s), median(p99s))
        }.joined(separator: "\n")
    }
}

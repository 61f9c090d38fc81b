//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import BenchmarkSupport
import Foundation

/// Many tasks on few connections: this library beside the peers, and what handing a lease on costs.
struct PoolCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pool", abstract: "Many tasks on ten connections beside the peers, and the hand-off of a lease.")

    @OptionGroup var options: ServerOptions
    @OptionGroup var peers: PeerOptions
    @Option(help: "Connections of each pool.") var connections = 10
    @Option(parsing: .upToNextOption, help: "Numbers of tasks.") var tasks = [64, 500]

    func run() async throws {
        let server = self.options.server
        for count in self.tasks {
            say(
                "\n\(count) tasks on \(self.connections) connections, a lease per query; medians of \(self.options.rounds) rounds"
            )
            say(
                "\(try await compare(rounds: self.options.rounds, with: "pgbench", self.contenders(server, tasks: count)))"
            )
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

    private func contenders(_ server: BenchServer, tasks: Int) -> [Contender] {
        let (seconds, connections) = (self.options.seconds, self.connections)
        var contenders = [
            Contender("pgbench, \(connections) clients, no pool") {
                Measured(rate: try await server.pgbench(tasks: connections, seconds: seconds))
            },
            Contender("a pool lease per query of ours") {
                try await leaseLatency(server, tasks: tasks, connections: connections, seconds: seconds, onLoop: true)
            },
            Contender("the same, tasks not on the loop") {
                try await leaseLatency(server, tasks: tasks, connections: connections, seconds: seconds, onLoop: false)
            },
        ]
        contenders += self.peers.contenders(
            self.options, tasks: tasks, connections: connections, latencies: true)
        return contenders
    }
}

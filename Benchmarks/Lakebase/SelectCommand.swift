//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import BenchmarkSupport
import Lakebase

/// Select by primary key: pgbench, this library and the peers, in interleaved rounds.
struct SelectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "select", abstract: "Select by primary key at several numbers of tasks, beside the peers.")

    @OptionGroup var options: ServerOptions
    @OptionGroup var peers: PeerOptions
    @Option(help: "Run only the contenders whose name contains this, for a profiler.") var only: String?
    @Flag(help: "Also run a lease per query with telemetry off, and on with a backend that counts.")
    var telemetry = false
    @Option(parsing: .upToNextOption, help: "Numbers of tasks.") var tasks = [1, 4, 16]

    func run() async throws {
        let server = self.options.server
        let (rounds, seconds) = (self.options.rounds, self.options.seconds)
        say("select by primary key, queries a second; median of \(rounds) rounds of \(seconds) s each")
        for count in self.tasks {
            let contenders = self.contenders(server, tasks: count).filter { self.only.map($0.name.contains) ?? true }
            let table = try await compare(rounds: rounds, with: "pgbench", contenders)
            say("\n\(count) \(count == 1 ? "task" : "tasks")\n\(table)")
        }
    }

    private func contenders(_ server: BenchServer, tasks: Int) -> [Contender] {
        let seconds = self.options.seconds
        var contenders = [
            Contender("pgbench -S -M prepared, one thread") {
                Measured(rate: try await server.pgbench(tasks: tasks, seconds: seconds))
            },
            Contender("a held connection of ours") {
                Measured(rate: try await heldConnections(server, tasks: tasks, seconds: seconds))
            },
            Contender("a pool lease per query of ours") {
                Measured(rate: try await leasePerQuery(server, tasks: tasks, seconds: seconds, onLoop: true))
            },
            Contender("the same, tasks not on the loop") {
                Measured(rate: try await leasePerQuery(server, tasks: tasks, seconds: seconds, onLoop: false))
            },
        ]
        if self.telemetry { contenders += self.telemetryContenders(server, tasks: tasks) }
        contenders += self.peers.contenders(self.options, tasks: tasks, connections: tasks, latencies: false)
        return contenders
    }
}

extension SelectCommand {
    /// The lease per query is measured with telemetry on and no backend: these show what that costs, and what a backend does.
    private func telemetryContenders(_ server: BenchServer, tasks: Int) -> [Contender] {
        let seconds = self.options.seconds
        return [
            Contender("a lease per query, telemetry off") {
                let rate = try await leasePerQuery(
                    server, tasks: tasks, seconds: seconds, onLoop: true, telemetry: .off)
                return Measured(rate: rate)
            },
            Contender("a lease per query, counting backend") {
                let metrics = CountingMetrics()
                let rate = try await leasePerQuery(
                    server, tasks: tasks, seconds: seconds, onLoop: true, metrics: metrics)
                // Otherwise it would not have been measured what the line says.
                guard metrics.calls > Int(rate) else {
                    throw ProgramFailure(program: "the counting backend", output: "\(metrics.calls) calls")
                }
                return Measured(rate: rate)
            },
        ]
    }
}

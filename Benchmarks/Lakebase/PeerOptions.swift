//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import BenchmarkSupport

/// Which peers there are that select by primary key.
struct PeerOptions: ParsableArguments {
    @Option(help: "The Python with psycopg_pool and asyncpg; left out, the peers in Python are left out.")
    var python: String?
    @Option(help: "The folder of peers.py.") var peers = "Benchmarks/Peers"
    @Option(help: "The program made from Benchmarks/Peers/PostgresNIO; left out, PostgresNIO is left out.")
    var postgresNIO: String?

    /// The peers that can be measured here, with a pool for each of that size.
    func contenders(_ options: ServerOptions, tasks: Int, connections: Int, latencies: Bool) -> [Contender] {
        let names =
            (self.python == nil ? [] : ["psycopg_pool", "asyncpg"]) + (self.postgresNIO == nil ? [] : ["PostgresNIO"])
        return names.map { name in
            Contender(name) {
                let measured = try await self.run(name, options, tasks: tasks, connections: connections)
                return latencies ? measured : Measured(rate: measured.rate)
            }
        }
    }

    private func run(
        _ name: String, _ options: ServerOptions, tasks: Int, connections: Int
    ) async throws -> Measured {
        let server = options.server
        let arguments = [
            name, server.host, "\(server.port)", server.user, server.database, "\(server.accounts)", "\(tasks)",
            "\(options.seconds)", "\(connections)",
        ]
        if let python, name != "PostgresNIO" {
            return try await server.peer(python, [self.peers + "/peers.py"] + arguments)
        }
        return try await server.peer(self.postgresNIO ?? name, arguments)
    }
}

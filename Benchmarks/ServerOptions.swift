//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// Where the server is, how long to measure, and which peers there are.
struct ServerOptions: ParsableArguments {
    @Option(help: "The server's address.") var host = "127.0.0.1"
    @Option(help: "The server's port.") var port: Int
    @Option(help: "The role.") var user = "bench"
    @Option(help: "The database that pgbench -i has filled.") var database = "postgres"
    @Option(help: "How many rows pgbench_accounts has.") var rows = 500_000
    @Option(help: "Rounds; each runs every contender once.") var rounds = 5
    @Option(help: "Seconds for each contender in a round.") var seconds = 3
    @Option(help: "The Python with psycopg_pool and asyncpg; left out, the peers in Python are left out.")
    var python: String?
    @Option(help: "The folder of peers.py.") var peers = "Benchmarks/Peers"
    @Option(help: "The program made from Benchmarks/Peers/PostgresNIO; left out, PostgresNIO is left out.")
    var postgresNIO: String?

    var server: BenchServer {
        BenchServer(host: self.host, port: self.port, user: self.user, database: self.database, rows: self.rows)
    }

    /// The peers that can be measured here.
    var peerNames: [String] {
        (self.python == nil ? [] : ["psycopg_pool", "asyncpg"]) + (self.postgresNIO == nil ? [] : ["PostgresNIO"])
    }

    /// Runs a peer, a program of its own, with a pool of that size.
    func peer(_ name: String, tasks: Int, connections: Int) async throws -> Measurement {
        let arguments = [
            name, self.host, "\(self.port)", self.user, self.database, "\(self.rows)", "\(tasks)", "\(self.seconds)",
            "\(connections)",
        ]
        if let python, name != "PostgresNIO" {
            return try await self.server.peer(python, [self.peers + "/peers.py"] + arguments)
        }
        return try await self.server.peer(self.postgresNIO ?? name, arguments)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import AsyncPQ
import BenchmarkSupport

/// The memory of idle connections, beside a C program that opens as many with libpq.
struct MemoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory", abstract: "Resident memory of 100 idle connections, beyond libpq's own.")

    @OptionGroup var options: ServerOptions
    @OptionGroup var libpq: LibpqPeers
    @Option(help: "How many connections.") var connections = 100

    func run() async throws {
        let server = self.options.server
        var table = ResultTable(baseline: "C, libpq", called: "C", decimals: 1)
        var differences: [Double] = []
        for _ in 0..<self.options.rounds {
            let c = try await server.numbers(self.libpq.idle, [server.connectionString, "\(self.connections)"])[0]
            let ours = try await server.numbers(
                ThisProcess.program,
                [
                    "idle", "--port", "\(server.port)", "--host", server.host, "--user", server.user, "--database",
                    server.database, "--connections", "\(self.connections)",
                ])[0]
            table.add("C, libpq", c)
            table.add("ours", ours)
            differences.append(ours - c)
        }
        let beyond = (median(differences) * 10).rounded() / 10
        say(
            "\(self.connections) idle connections without TLS, kB of resident memory of each; "
                + "median of \(self.options.rounds) processes\n\(table)")
        say("  ours beyond libpq's own: \(beyond) kB, goal at most 64: \(beyond <= 64 ? "reached" : "missed")")
    }
}

/// Opens connections and runs a statement on each; prints the kB of resident memory that each one added.
struct IdleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "idle", shouldDisplay: false)

    @OptionGroup var options: ServerOptions
    @Option(help: "How many connections.") var connections = 100

    func run() async throws {
        let loop = try PQEventLoop()
        defer { loop.stop() }
        var all = [try await self.connection(on: loop)]
        let before = try ThisProcess.kilobytes("VmRSS")
        for _ in 0..<self.connections { all.append(try await self.connection(on: loop)) }
        let after = try ThisProcess.kilobytes("VmRSS")
        say("\((after - before) / Double(self.connections))")
        for connection in all { await connection.close() }
    }

    private func connection(on loop: PQEventLoop) async throws -> PQConnection {
        let connection = try await self.options.server.connect(on: loop)
        // The second time it is prepared.
        for _ in 0..<2 { _ = try await connection.query("SELECT 1") }
        return connection
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import AsyncPQ
import BenchmarkSupport
import Foundation

/// Four database tests over HTTP: Hummingbird on AsyncPQPool beside FastAPI, and beside Hummingbird on PostgresNIO.
struct HTTPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "http",
        abstract: "One row, 20 rows by 20 queries, HTML, and 20 updates, with wrk at 64 connections.")

    @OptionGroup var options: ServerOptions
    @Option(help: "The program HTTPBenchmark.") var ours: String
    @Option(help: "The Python with FastAPI and asyncpg; left out, FastAPI is left out.") var python: String?
    @Option(help: "The server for that Python.") var fastapi = "Benchmarks/Peers/HTTP/web.py"
    @Option(help: "The program made from Benchmarks/Peers/PostgresNIO/Web.swift; left out, PostgresNIO is left out.")
    var postgresNIO: String?
    @Option(help: "Connections of each pool.") var connections = 10
    @Option(help: "Connections of wrk.") var clients = 64

    private static let ours = "Hummingbird on AsyncPQPool"
    private static let fastAPI = "FastAPI on asyncpg"
    private static let postgresNIO = "Hummingbird on PostgresNIO"

    func run() async throws {
        let server = self.options.server
        let loop = try PQEventLoop()
        defer { loop.stop() }
        let database = WebDatabase(connection: try await server.connect(on: loop))
        try await database.fill()

        let processor = AllowedProcessors.first
        var web: [WebServer] = []
        defer { for server in web { server.stop() } }
        for (name, program, arguments) in self.programs {
            web.append(
                try await WebServer.start(
                    name, program, arguments, server, connections: self.connections, processor: processor))
        }
        say(
            "requests a second, wrk with \(self.clients) connections and one thread; median of \(self.options.rounds) rounds "
                + "of \(self.options.seconds) s; each server has a pool of \(self.connections) connections and "
                + (processor.map { "runs on processor \($0) alone (taskset)" } ?? "runs on any processor"))
        say(
            "threads: FastAPI one (uvicorn with uvloop, one worker); Hummingbird on AsyncPQPool one loop for HTTP and one for "
                + "connections and handlers; Hummingbird on PostgresNIO one loop for both, and Swift's pool for handlers"
        )
        say("JSON and HTML: written by hand in Swift; orjson and html.escape in Python")

        for test in WebTest.allCases {
            for server in web { try await test.check(server, database, "") }
            for server in web where server.hasPipeline && test.hasPipeline {
                try await test.check(server, database, "/pipelined")
            }
            let table = try await compare(
                rounds: self.options.rounds, with: self.python == nil ? "ours" : "FastAPI", self.contenders(test, web))
            say("\n\(test.title)\n\(table)")
            guard self.postgresNIO != nil else { continue }
            for name in [Self.ours, Self.ours + ", pipelined"] {
                let ratios = table.ratios(name, to: Self.postgresNIO)
                guard !ratios.isEmpty else { continue }
                say(
                    String(format: "  \(name): %.2f of PostgresNIO", median(ratios))
                        + Goal.atLeast(1.5).verdict(median(ratios)))
            }
        }
        await database.connection.close()
    }

    private var programs: [(name: String, program: String, arguments: [String])] {
        var programs: [(String, String, [String])] = []
        if let python { programs.append((Self.fastAPI, python, [self.fastapi])) }
        programs.append((Self.ours, self.ours, []))
        if let postgresNIO { programs.append((Self.postgresNIO, postgresNIO, [])) }
        return programs
    }

    private func contenders(_ test: WebTest, _ web: [WebServer]) -> [Contender] {
        var contenders: [Contender] = []
        for server in web {
            let paths = server.hasPipeline && test.hasPipeline ? ["", "/pipelined"] : [""]
            for prefix in paths {
                let goal: Goal? = server.name == Self.ours && self.python != nil ? .atLeast(5) : nil
                contenders.append(
                    Contender(prefix.isEmpty ? server.name : server.name + ", pipelined", goal: goal) {
                        try await server.wrk(
                            prefix + test.path, clients: self.clients, seconds: self.options.seconds)
                    })
            }
        }
        return contenders
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BenchmarkSupport
import Foundation

/// A web server that is measured: a process of its own.
struct WebServer {
    let name: String
    let port: Int
    private let process: Process

    /// Whether it has routes that send several statements at once.
    var hasPipeline: Bool { !self.name.hasSuffix("PostgresNIO") }

    /// Starts a server and waits until it answers.
    static func start(
        _ name: String, _ program: String, _ arguments: [String], _ server: BenchServer, connections: Int,
        processor: Int?
    ) async throws -> WebServer {
        let port = Int.random(in: 20_000..<60_000)
        let command =
            (processor.map { ["taskset", "-c", "\($0)"] } ?? []) + [program] + arguments
            + [server.host, "\(server.port)", server.user, server.database, "\(connections)", "\(port)"]
        let started = WebServer(
            name: name, port: port, process: try startProgram(command[0], Array(command.dropFirst())))
        let deadline = ContinuousClock.now + .seconds(30)
        while (try? await started.get("/db"))?.status != 200 {
            guard started.process.isRunning, .now < deadline else {
                started.stop()
                throw ProgramFailure(program: name, output: "it does not answer")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return started
    }

    /// Ends the process.
    func stop() {
        guard self.process.isRunning else { return }
        self.process.terminate()
        self.process.waitUntilExit()
    }

    /// The answer to a request.
    @concurrent
    func get(_ path: String) async throws -> WebAnswer { try WebAnswer(port: self.port, path: path) }

    /// Requests a second, and how long they took.
    func wrk(_ path: String, clients: Int, seconds: Int) async throws -> Measured {
        let output = try await runProgram(
            "wrk",
            ["-t", "1", "-c", "\(clients)", "-d", "\(seconds)s", "--latency", "http://127.0.0.1:\(self.port)\(path)"])
        var measurement = Measured(rate: 0)
        for line in output.split(separator: "\n") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2 else { continue }
            switch words[0] {
            case "Requests/sec:": measurement.rate = Double(words[1]) ?? 0
            case "50%": measurement.p50 = Self.microseconds(words[1])
            case "99%": measurement.p99 = Self.microseconds(words[1])
            case "Non-2xx", "Socket": throw ProgramFailure(program: "wrk on \(self.name)", output: output)
            default: break
            }
        }
        guard measurement.rate > 0 else { throw ProgramFailure(program: "wrk", output: output) }
        return measurement
    }

    /// Reads a time as wrk prints it, such as `1.25ms`.
    private static func microseconds(_ text: Substring) -> Double? {
        for (unit, factor) in [("us", 1.0), ("ms", 1000), ("s", 1_000_000)] where text.hasSuffix(unit) {
            return Double(text.dropLast(unit.count)).map { $0 * factor }
        }
        return nil
    }
}

/// The processors that this process may use.
enum AllowedProcessors {
    /// The first; nil where the system does not say, or has no taskset.
    static var first: Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            FileManager.default.isExecutableFile(atPath: "/usr/bin/taskset"),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") })
        else { return nil }
        return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation

/// The PostgreSQL that everybody is measured on, and the contenders that are programs of their own.
struct BenchServer: Sendable {
    var host: String
    var port: Int
    var user: String
    var database: String
    var rows: Int

    var configuration: PQConnection.Configuration {
        PQConnection.Configuration(
            host: self.host, port: self.port, username: self.user, database: self.database, tls: .disable)
    }

    func pgbench(tasks: Int, seconds: Int) async throws -> Double {
        let output = try await runProgram(
            "pgbench",
            [
                "-h", self.host, "-p", "\(self.port)", "-U", self.user, "-n", "-S", "-M", "prepared", "-c", "\(tasks)",
                "-j", "1",
                "-T", "\(seconds)", self.database,
            ],
            ["PGSSLMODE": "disable"])
        for line in output.split(separator: "\n") where line.hasPrefix("tps = ") {
            if let number = line.dropFirst(6).split(separator: " ").first.flatMap({ Double($0) }) { return number }
        }
        throw ProgramFailure(program: "pgbench", output: output)
    }

    /// Runs a peer, which prints queries a second and microseconds at the middle and at the 99th of a hundred.
    func peer(_ program: String, _ arguments: [String]) async throws -> Measurement {
        let output = try await runProgram(program, arguments)
        let numbers = (output.split(separator: "\n").last ?? "").split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 3 else { throw ProgramFailure(program: program, output: output) }
        return Measurement(rate: numbers[0], p50: numbers[1], p99: numbers[2])
    }
}

/// A contender did not do its part.
struct ProgramFailure: Error, CustomStringConvertible {
    var program: String
    var output: String

    var description: String { "\(self.program) failed:\n\(self.output)" }
}

/// Runs a program found on PATH and returns what it printed.
@concurrent
func runProgram(_ program: String, _ arguments: [String], _ environment: [String: String] = [:]) async throws -> String
{
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    // Dispatch's threads block signals and a child inherits that; pgbench would never hear its alarm.
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    guard process.terminationStatus == 0 else { throw ProgramFailure(program: program, output: text) }
    return text
}

/// Prints a line at once, also into a pipe.
func say(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
import Foundation
package import Logging

/// The PostgreSQL that all contenders are measured on, and the contenders that are programs of their own.
package struct BenchServer: Sendable {
    package var host: String
    package var port: Int
    package var user: String
    package var database: String
    package var accounts: Int

    package var configuration: PQConnection.Configuration {
        PQConnection.Configuration(
            host: self.host, port: self.port, username: self.user, database: self.database, tls: .disable)
    }

    /// The connection string for a program that uses libpq.
    package var connectionString: String {
        "host=\(self.host) port=\(self.port) user=\(self.user) dbname=\(self.database) sslmode=disable"
    }

    /// Opens a connection of ours.
    package func connect(on loop: PQEventLoop) async throws -> PQConnection {
        try await PQConnection.connect(self.configuration, on: loop, logger: .silent)
    }

    /// Queries a second of pgbench's select by primary key.
    package func pgbench(tasks: Int, seconds: Int) async throws -> Double {
        try await self.pgbench(["-S", "-c", "\(tasks)", "-T", "\(seconds)"])
    }

    /// Transactions a second of pgbench with one thread.
    package func pgbench(_ arguments: [String]) async throws -> Double {
        let output = try await runProgram(
            "pgbench",
            ["-h", self.host, "-p", "\(self.port)", "-U", self.user, "-n", "-M", "prepared", "-j", "1"] + arguments
                + [self.database],
            ["PGSSLMODE": "disable"])
        for line in output.split(separator: "\n") where line.hasPrefix("tps = ") {
            if let number = line.dropFirst(6).split(separator: " ").first.flatMap({ Double($0) }) { return number }
        }
        throw ProgramFailure(program: "pgbench", output: output)
    }

    /// Runs a peer, which prints queries a second and microseconds at the middle and at the 99th of a hundred.
    package func peer(_ program: String, _ arguments: [String]) async throws -> Measured {
        let numbers = try await self.numbers(program, arguments)
        guard numbers.count == 3 else { throw ProgramFailure(program: program, output: "\(numbers)") }
        return Measured(rate: numbers[0], p50: numbers[1], p99: numbers[2])
    }

    /// The numbers in the last line that a program prints.
    package func numbers(_ program: String, _ arguments: [String]) async throws -> [Double] {
        let output = try await runProgram(program, arguments)
        let numbers = (output.split(separator: "\n").last ?? "").split(separator: " ").compactMap { Double($0) }
        guard !numbers.isEmpty else { throw ProgramFailure(program: program, output: output) }
        return numbers
    }
}

extension Logger {
    /// Drops what is not critical.
    package static let silent: Logger = {
        var logger = Logger(label: "bench")
        logger.logLevel = .critical
        return logger
    }()
}

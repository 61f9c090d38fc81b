//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import AsyncPQ
import BenchmarkSupport
import Foundation

/// COPY between a table and a file, beside psql's `\copy` with the same data.
struct CopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "COPY in and out, as text and in binary, beside psql's \\copy.")

    @OptionGroup var options: ServerOptions
    @Option(name: .customLong("rows"), help: "How many rows of about 60 bytes.") var count = 1_000_000
    @Option(help: "Where the files are written.") var folder = NSTemporaryDirectory()

    private enum Format: String, CaseIterable {
        case text
        case binary
    }

    func run() async throws {
        let server = self.options.server
        let loop = try PQEventLoop()
        defer { loop.stop() }
        let connection = try await server.connect(on: loop)
        try await connection.execute(
            script: """
                DROP TABLE IF EXISTS copy_source, copy_target;
                CREATE UNLOGGED TABLE copy_source AS
                    SELECT n AS id, 'a note with number ' || n AS title, n * 0.5 AS weight, n % 7 = 0 AS done
                    FROM generate_series(1, \(self.count)::bigint) AS n;
                CREATE UNLOGGED TABLE copy_target (LIKE copy_source);
                """)
        // Not in the transaction that a script is.
        try await connection.execute(script: "VACUUM ANALYZE copy_source")
        for format in Format.allCases {
            let file = CopyFile(
                psql: self.folder + "/psql.\(format)", ours: self.folder + "/ours.\(format)", format: format.rawValue)
            defer { file.remove() }
            for (name, isOut) in [("out of the database", true), ("into the database", false)] {
                var contenders = [
                    Contender("psql's \\copy") {
                        try await self.rate(file, connection) { try await file.psql(server, isOut: isOut) }
                    }
                ]
                for (name, executor) in [("ours, on the loop", loop), ("ours, not on the loop", nil)] {
                    contenders.append(
                        Contender(name, goal: .atLeast(0.9)) {
                            try await self.rate(file, connection) {
                                try await file.ours(connection, isOut: isOut, executor: executor)
                            }
                        })
                }
                // Written by psql first, and what ours reads later.
                let table = try await compare(rounds: self.options.rounds, with: "psql", decimals: 1, contenders)
                say("\nCOPY \(name), \(format), MB a second; median of \(self.options.rounds) rounds\n\(table)")
            }
        }
        try await connection.execute(script: "DROP TABLE copy_source, copy_target")
        await connection.close()
    }

    /// Empties the target, copies, and checks what was copied.
    private func rate(
        _ file: CopyFile, _ connection: PQConnection, _ copy: () async throws -> Double
    ) async throws -> Measured {
        try await connection.execute(script: "TRUNCATE copy_target")
        let seconds = try await copy()
        let copied = try await connection.query("SELECT count(*) FROM copy_target").value(as: Int.self)
        guard copied == self.count || (copied == 0 && file.isComplete) else {
            throw ProgramFailure(program: "COPY", output: "\(copied) of \(self.count) rows, or a file that differs")
        }
        return Measured(rate: try Double(file.size) / 1e6 / seconds)
    }
}

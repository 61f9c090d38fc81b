//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import AsyncPQ
import BenchmarkSupport

/// Batches of statements in one round trip, beside a C program on libpq's pipeline mode.
struct PipelineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pipeline", abstract: "Selects by primary key in batches, beside libpq's pipeline mode.")

    @OptionGroup var options: ServerOptions
    @OptionGroup var libpq: LibpqPeers
    @Option(help: "Statements of a batch, at most 500.") var batch = 100

    func run() async throws {
        let loop = try PQEventLoop()
        defer { loop.stop() }
        let connection = try await self.options.server.connect(on: loop)
        for (name, isAtomic) in [("one transaction", true), ("each statement by itself", false)] {
            var contenders = [
                Contender("C, libpq's pipeline mode") {
                    let numbers = try await self.options.server.numbers(
                        self.libpq.pipeline,
                        [
                            self.options.server.connectionString, "\(self.options.accounts)", "\(self.batch)",
                            "\(self.options.seconds)", isAtomic ? "one" : "each", "1",
                        ])
                    return Measured(rate: numbers[0])
                }
            ]
            for (name, executor) in [("ours, on the loop", loop), ("ours, not on the loop", nil)] {
                contenders.append(
                    Contender(name, goal: .atLeast(0.8)) {
                        Measured(rate: try await self.ours(connection, isAtomic: isAtomic, executor: executor))
                    })
            }
            let table = try await compare(rounds: self.options.rounds, with: "C", contenders)
            say(
                "\nbatches of \(self.batch), \(name), statements a second; "
                    + "median of \(self.options.rounds) rounds of \(self.options.seconds) s\n\(table)")
        }
        await connection.close()
    }

    private func ours(
        _ connection: PQConnection, isAtomic: Bool, executor: (any TaskExecutor)?
    ) async throws -> Double {
        let (batch, count) = (self.batch, self.options.accounts)
        return try await measureRate(tasks: 1, seconds: self.options.seconds, executor: executor) { task, timeIsUp in
            var accounts = Accounts(task: task, count: count)
            var statements = 0
            while !timeIsUp.isSet {
                let queries = (0..<batch).map { _ -> PQQuery in
                    "SELECT abalance FROM pgbench_accounts WHERE aid = \(Int32(accounts.next()))"
                }
                let results =
                    isAtomic
                    ? try await connection.pipeline(queries)
                    : try await connection.pipeline(independent: queries).map { try $0.get() }
                for rows in results { _ = try rows[0].decode(Int.self, at: 0) }
                statements += results.count
            }
            return statements
        }
    }
}

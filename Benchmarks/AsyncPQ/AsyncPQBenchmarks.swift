//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// What `script/bench` runs for AsyncPQ and its pool.
@main
struct AsyncPQBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "AsyncPQBenchmarks",
        abstract: "Measures AsyncPQ and its pool beside their peers, in one run on one machine.",
        discussion: "Started by script/bench, which brings a PostgreSQL and the peers.",
        subcommands: [
            RowsCommand.self, CopyCommand.self, PipelineCommand.self, MultiplexCommand.self, MemoryCommand.self,
            KillCommand.self, HTTPCommand.self, StreamedMemoryCommand.self, IdleCommand.self,
        ]
    )
}

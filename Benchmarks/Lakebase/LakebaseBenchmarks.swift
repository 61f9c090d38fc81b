//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// What `script/bench` runs.
@main
struct LakebaseBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "LakebaseBenchmarks",
        abstract: "Measures Lakebase and the local Lakebase beside their peers, in one run on one machine.",
        discussion: "Started by script/bench, which brings a PostgreSQL and the peers.",
        subcommands: [
            SelectCommand.self, PoolCommand.self, RotationCommand.self, StartupCommand.self, ControlPlaneCommand.self,
        ]
    )
}

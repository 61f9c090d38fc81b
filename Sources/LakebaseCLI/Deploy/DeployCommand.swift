//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// `lakebase deploy`.
struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Deploy an app and its database to Databricks Apps.",
        discussion: """
            An environment in deployment.yaml describes an app with its files, database, schema, migrations and \
            permissions. plan compares it with what exists, apply makes the changes, and a second apply changes \
            nothing. No state is stored on this machine: after an interrupted run, run the same command again, here \
            or on another machine.

            No data is deleted unless it is named to delete. Without a terminal nothing is asked.
            """,
        subcommands: [
            DeployPlanCommand.self, DeployApplyCommand.self, DeployUpdateCommand.self, DeployStatusCommand.self,
            DeployDeleteCommand.self, DeploySchemaCommand.self, PackageCommand.self,
        ]
    )
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// `lakebase deploy`.
struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Bring an app and its database to Databricks Apps.",
        discussion: """
            An environment of deployment.yaml says which app there is to be, with which files, database, schema, migrations \
            and permissions. plan compares that with what is there, apply makes it so, and a second apply changes nothing. \
            Nothing is remembered on this machine: a run that was stopped anywhere is run again, also from elsewhere.

            No data is deleted unless delete is given its name. Without a terminal nothing is asked.
            """,
        subcommands: [
            DeployPlanCommand.self, DeployApplyCommand.self, DeployUpdateCommand.self, DeployStatusCommand.self,
            DeployDeleteCommand.self, DeploySchemaCommand.self, PackageCommand.self,
        ]
    )
}

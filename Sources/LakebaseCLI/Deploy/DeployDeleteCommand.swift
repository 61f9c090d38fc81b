//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import ExactText
import LakebaseDeploy

/// `lakebase deploy delete`.
struct DeployDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete the app of an environment; its data only if named.",
        discussion: """
            Deletes the app, its service principal and its files. The database and its data are kept unless \
            --delete-data names them: PROJECT for the first branch of a project, PROJECT/BRANCH, or INSTANCE; with \
            /DATABASE appended if the environment has a database of its own, and then only that database is deleted. \
            Deleted data cannot be restored.

            On a terminal it asks for confirmation, unless --yes is given. Without a terminal, --yes is required.

            EXAMPLES
              lakebase deploy delete --env development
              lakebase deploy delete --env development --as alice --yes --delete-data notes/dev-alice

            Exit status: 0 if the app is deleted, also if it did not exist; 1 on failure, when the confirmation was \
            declined, or when the name of the data is another; 64 when the command line is wrong, or there is no \
            terminal and --yes is missing.
            """
    )

    @OptionGroup var options: DeployOptions

    @Option(help: ArgumentHelp("Delete this data too; its exact name is required.", valueName: "name"))
    var deleteData: String?

    @Flag(name: .shortAndLong, help: "Do not ask for confirmation.")
    var yes = false

    func run() async throws {
        try await self.options.run { context in
            let environment = context.environment
            if let name = self.deleteData, !name.isExactly(environment.dataName) {
                throw DeployError(
                    .unconfirmed, "the data of \(environment.title) is called \(environment.dataName), not \(name)",
                    remedy: "nothing was deleted; to delete the data: --delete-data \(environment.dataName)")
            }
            let plan = try await context.deployer.deletionPlan(environment, deletesData: self.deleteData != nil)
            try await DeployRun(context: context, asks: !self.yes).delete(plan, data: self.deleteData)
        }
    }
}

/// `lakebase deploy status`.
struct DeployStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the app, deployment, database and migrations of an environment.",
        discussion: """
            Changes nothing.

            EXAMPLES
              lakebase deploy status --env development
              lakebase deploy status --env production --json | jq -r .url

            Exit status: 0 if the app runs and no migration is pending; 2 if something is missing; 1 if the \
            workspace cannot be reached; 64 when the command line is wrong.
            """
    )

    @OptionGroup var options: DeployOptions

    func run() async throws {
        try await self.options.run { context in
            let status = try await context.deployer.status(
                context.environment, migrations: try context.environment.readMigrations())
            Terminal.output(context.isJSON ? DeployReportText.json(status) : DeployReportText.text(status))
            if !status.isWell { throw ExitCode(2) }
        }
    }
}

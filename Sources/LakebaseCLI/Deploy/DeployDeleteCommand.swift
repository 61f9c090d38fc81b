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
        abstract: "Take an environment's app away; its data only by name.",
        discussion: """
            Deletes the app, its service principal and its files. The database stays with all its data, unless --delete-data \
            names it: PROJECT for the branch that a project begins with, PROJECT/BRANCH, or INSTANCE; with /DATABASE behind it \
            where the environment has a database of its own, which then goes alone. Data is deleted for good.

            On a terminal it asks before it begins, unless --yes is given. Elsewhere --yes is needed.

            EXAMPLES
              lakebase deploy delete --env development
              lakebase deploy delete --env development --as alice --yes --delete-data notes/dev-alice

            Exit status: 0 when it is gone, also when it was before; 1 when something failed, was declined, or the name of the \
            data is another; 64 when the command line is wrong, or --yes is missing where nobody can be asked.
            """
    )

    @OptionGroup var options: DeployOptions

    @Option(help: ArgumentHelp("Delete the data too, by its exact name.", valueName: "name"))
    var deleteData: String?

    @Flag(name: .shortAndLong, help: "Do not ask on the terminal.")
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
        abstract: "Show an environment's app, deployment, database and migrations. Changes nothing.",
        discussion: """
            EXAMPLES
              lakebase deploy status --env development
              lakebase deploy status --env production --json | jq -r .url

            Exit status: 0 when the app runs and no migration is left; 2 when something is missing; 1 when the workspace \
            cannot be asked; 64 when the command line is wrong.
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

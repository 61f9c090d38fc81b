//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseDeploy

/// `lakebase deploy plan`.
struct DeployPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what apply would create, change, keep and remove.",
        discussion: """
            Changes nothing. Builds a Swift product to compare its files. Wakes a suspended compute, because the \
            list of applied migrations is in the database.

            EXAMPLES
              lakebase deploy plan --env development
              lakebase deploy plan --env production --profile prod --check
              lakebase deploy plan --env development --as alice --json | jq '.steps[].title'

            Exit status: 0; with --check, 2 if apply would change anything; 1 if the existing state contradicts the \
            environment or cannot be read; 64 when the command line is wrong.
            """
    )

    @OptionGroup var options: DeployOptions

    @Flag(help: "Exit with status 2 if there is anything to change.")
    var check = false

    func run() async throws {
        try await self.options.run { context in
            let plan = try await context.deployer.plan(try await context.desired())
            if context.isJSON {
                Terminal.output(DeployReportText.json(plan))
            } else {
                context.show(plan)
            }
            if self.check, !plan.isEmpty { throw ExitCode(2) }
        }
    }
}

/// `lakebase deploy apply`.
struct DeployApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Create or change an environment as deployment.yaml describes it, and wait until its app runs.",
        discussion: """
            Prints the plan first. On a terminal it asks for confirmation, unless --yes is given; without a terminal \
            it starts at once. It deletes no data, detaches nothing from the app, and removes files only from the \
            app's folder that it writes itself, ~/.lakebase/apps in the workspace.

            A failure stops it, and the completed and the remaining steps are printed. Run the same command again to \
            continue. Two runs at the same time do no harm: migrations and deployments wait for each other.

            EXAMPLES
              lakebase deploy apply --env development
              lakebase deploy apply --env production --profile prod --yes --json

            Exit status: 0 if the environment is complete and the app runs; 1 on failure or when the confirmation \
            was declined; 64 when the command line is wrong; 130 or 143 after SIGINT or SIGTERM.
            """
    )

    @OptionGroup var options: DeployOptions

    @Flag(name: .shortAndLong, help: "Do not ask for confirmation.")
    var yes = false

    func run() async throws {
        try await self.options.run { context in
            let desired = try await context.desired()
            try await DeployRun(context: context, asks: !self.yes).apply(
                desired, plan: try await context.deployer.plan(desired))
        }
    }
}

/// `lakebase deploy update`.
struct DeployUpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Deploy new files, migrations and permissions to an existing environment.",
        discussion: """
            Like apply, but it creates neither an app nor a database: if one is missing, it fails. Other changes, \
            such as another capacity, are left for apply.

            If the new version does not start, the data stays as the migrations left it. The last lines of its log \
            are printed, and whether the previous version is still running.

            EXAMPLES
              lakebase deploy update --env development
              lakebase deploy update --env production --yes

            Exit status: 0 if the new version runs or nothing was new; 1 on failure or when the confirmation was \
            declined; 64 when the command line is wrong; 130 or 143 after SIGINT or SIGTERM.
            """
    )

    @OptionGroup var options: DeployOptions

    @Flag(name: .shortAndLong, help: "Do not ask for confirmation.")
    var yes = false

    func run() async throws {
        try await self.options.run { context in
            let desired = try await context.desired()
            try await DeployRun(context: context, asks: !self.yes).apply(
                desired, plan: try await context.deployer.updatePlan(desired))
        }
    }
}

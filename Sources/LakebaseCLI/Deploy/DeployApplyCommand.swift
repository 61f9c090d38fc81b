//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseDeploy

/// `lakebase deploy plan`.
struct DeployPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what apply would make, change, keep and remove. Changes nothing.",
        discussion: """
            A Swift product is built, so that its files can be compared. A database that sleeps is woken, since it knows \
            which migrations ran.

            EXAMPLES
              lakebase deploy plan --env development
              lakebase deploy plan --env production --profile prod --check
              lakebase deploy plan --env development --as alice --json | jq '.steps[].title'

            Exit status: 0; with --check 2 when apply would do something; 1 when what is there contradicts what is wanted, or \
            cannot be looked at; 64 when the command line is wrong.
            """
    )

    @OptionGroup var options: DeployOptions

    @Flag(help: "Exit with status 2 when there is something to do.")
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
        abstract: "Make an environment what deployment.yaml says, and wait until its app runs.",
        discussion: """
            Shows the plan first. On a terminal it asks before it begins, unless --yes is given; elsewhere it begins. It \
            deletes no data, detaches nothing from the app, and removes files only from the folder of the app that it writes \
            itself, ~/.lakebase/apps in the workspace.

            A failure stops it, and says what was done and what is left. The same command goes on from there. Two at once do \
            no harm: in the database one waits for the other, and so do deployments.

            EXAMPLES
              lakebase deploy apply --env development
              lakebase deploy apply --env production --profile prod --yes --json

            Exit status: 0 when everything is there and the app runs; 1 when something failed or was declined; 64 when the \
            command line is wrong; 130, 143 or 129 after SIGINT, SIGTERM or SIGHUP.
            """
    )

    @OptionGroup var options: DeployOptions

    @Flag(name: .shortAndLong, help: "Do not ask on the terminal.")
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
        abstract: "Bring new files, migrations and permissions to an environment that is there, and run them.",
        discussion: """
            Like apply, but it makes neither app nor database: where one is missing it refuses. Other changes, such as another \
            capacity, are left for apply.

            A new version that does not run leaves all data as the migrations left it; its last lines are shown, and whether \
            the version before goes on running.

            EXAMPLES
              lakebase deploy update --env development
              lakebase deploy update --env production --yes

            Exit status: 0 when the new version runs or nothing was new; 1 when something failed or was declined; 64 when the \
            command line is wrong; 130, 143 or 129 after SIGINT, SIGTERM or SIGHUP.
            """
    )

    @OptionGroup var options: DeployOptions

    @Flag(name: .shortAndLong, help: "Do not ask on the terminal.")
    var yes = false

    func run() async throws {
        try await self.options.run { context in
            let desired = try await context.desired()
            try await DeployRun(context: context, asks: !self.yes).apply(
                desired, plan: try await context.deployer.updatePlan(desired))
        }
    }
}

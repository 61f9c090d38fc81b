//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// `lakebase branches`.
struct BranchesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "branches",
        abstract:
            "Make, show and delete branches of a project: copies of its databases that share what did not change.",
        discussion: """
            The project is that of --project, else that of the endpoint in the environment (LAKEBASE_ENDPOINT). A branch is \
            named by its id, or in full: projects/…/branches/…. Provisioned instances have no branches.

            There is no command that resets a branch to its parent, for the service has no call for it: delete it and make \
            it again.
            """,
        subcommands: [
            BranchCreateCommand.self, BranchListCommand.self, BranchGetCommand.self, BranchDeleteCommand.self,
        ]
    )
}

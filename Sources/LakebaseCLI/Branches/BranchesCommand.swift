//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// `lakebase branches`.
struct BranchesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "branches",
        abstract: "Create, list and delete branches: copies of a project's databases that share unchanged data.",
        discussion: """
            The project is the one that --project names, else that of the endpoint in the environment \
            (LAKEBASE_ENDPOINT). Name a branch by its id, or by its full name projects/…/branches/…. Provisioned \
            instances have no branches.

            The service has no call that resets a branch to its parent: delete the branch and create it again.
            """,
        subcommands: [
            BranchCreateCommand.self, BranchListCommand.self, BranchGetCommand.self, BranchDeleteCommand.self,
        ]
    )
}

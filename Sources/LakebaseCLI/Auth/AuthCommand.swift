//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// `lakebase auth`: who one is in the workspace.
struct AuthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth",
        abstract: "Log in to a workspace, and see which identity is used, by which method, from where.",
        discussion: """
            The workspace and the method are found as the other Databricks tools find them: a profile that is named with \
            --profile, else the environment (DATABRICKS_HOST, DATABRICKS_TOKEN, DATABRICKS_CLIENT_ID, ...), else the default \
            profile of ~/.databrickscfg. With --profile the environment's workspace and credentials do not count at all.
            """,
        subcommands: [LoginCommand.self, DescribeCommand.self, TokenCommand.self]
    )
}

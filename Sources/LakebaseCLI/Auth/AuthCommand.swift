//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// `lakebase auth`.
struct AuthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auth",
        abstract: "Log in to a workspace, and show which identity is used.",
        discussion: """
            The workspace and the authentication method are found as the other Databricks tools find them: the \
            profile that --profile names, else the environment (DATABRICKS_HOST, DATABRICKS_TOKEN, \
            DATABRICKS_CLIENT_ID, ...), else the default profile of ~/.databrickscfg. With --profile, the workspace \
            and the credentials in the environment are ignored.
            """,
        subcommands: [LoginCommand.self, DescribeCommand.self, TokenCommand.self]
    )
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// `lakebase roles`.
struct RolesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roles",
        abstract: "Make, list and delete the roles that Databricks identities log in as.",
        discussion: """
            A role has the name of its identity: the e-mail address of a user, the application id of a service principal (a \
            UUID), the name of a group.

            TWO WAYS
              api  the workspace's API; takes the right to manage the project or instance
              sql  databricks_create_role of the extension databricks_auth, and DROP ROLE; takes a role with CREATEROLE that
                   logs in with a token

            The way is the API when the environment names an endpoint (LAKEBASE_ENDPOINT) or an instance (LAKEBASE_INSTANCE), \
            or --branch or --instance does; otherwise SQL.
            """,
        subcommands: [RolesCreateCommand.self, RolesListCommand.self, RolesDeleteCommand.self]
    )
}

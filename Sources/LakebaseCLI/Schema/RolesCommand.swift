//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// `lakebase roles`.
struct RolesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roles",
        abstract: "Create, list and delete the roles of Databricks identities.",
        discussion: """
            A role has the name of its identity: the e-mail address of a user, the application id of a service \
            principal (a UUID), or the name of a group.

            METHODS
              api  the API of the workspace; requires permission to manage the project or instance
              sql  databricks_create_role of the extension databricks_auth, and DROP ROLE; requires a role with \
            CREATEROLE that logs in with a token

            The default is api if the environment names an endpoint (LAKEBASE_ENDPOINT) or an instance \
            (LAKEBASE_INSTANCE), or --endpoint, --branch or --instance is given; otherwise sql.
            """,
        subcommands: [RolesCreateCommand.self, RolesListCommand.self, RolesDeleteCommand.self]
    )
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseSchema

/// `lakebase roles list`.
struct RolesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List roles with their identities, login methods and attributes.",
        discussion: """
            Changes nothing. Roles of PostgreSQL and of the platform are not listed.

            EXAMPLES
              lakebase roles list
              lakebase roles list --json | jq -r '.[] | select(.login == "password") | .name'

            Exit status: 0; 1 if the roles could not be read; 64 when the command line is wrong.
            """
    )

    @OptionGroup var options: RoleOptions

    @Flag(help: "Print a JSON array.")
    var json = false

    func run() async throws {
        try await self.options.run { manager in
            let roles = try await manager.roles()
            Terminal.output(self.json ? try ReportText.json(roles.map(RoleLine.init)) : RoleLine.table(roles))
        }
    }
}

/// A role in the output.
private struct RoleLine: Encodable {
    var name: String
    var identity: String?
    var login: String
    var attributes: [String]
    var resource: String?

    init(_ role: DatabaseRole) {
        self.name = role.name
        self.identity = role.identity?.rawValue
        self.login = role.login.rawValue
        self.attributes = [
            (role.isSuperuser, "databricks_superuser"), (role.createsDatabases, "createdb"),
            (role.createsRoles, "createrole"), (role.bypassesRowSecurity, "bypassrls"),
        ].filter(\.0).map(\.1)
        self.resource = role.resource
    }

    static func table(_ roles: [DatabaseRole]) -> String {
        guard !roles.isEmpty else { return "There are no roles." }
        return ReportText.columns(
            [["NAME", "IDENTITY", "LOGIN", "ATTRIBUTES"]]
                + roles.map(Self.init).map {
                    [$0.name, $0.identity ?? "none", $0.login, $0.attributes.joined(separator: " ")]
                })
    }
}

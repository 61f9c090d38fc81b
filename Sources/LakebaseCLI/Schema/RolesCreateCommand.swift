//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseSchema

/// `lakebase roles create`.
struct RolesCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create the role of a user, service principal or group, if it does not exist.",
        discussion: """
            An existing role of that name that is linked to no identity or to one of another kind, or that logs in \
            with a password or not at all, is reported and not changed.

            EXAMPLES
              lakebase roles create --type user me@example.com
              lakebase roles create --type service-principal 6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10
              lakebase roles create --by sql --type group 'Data Team'

            Exit status: 0 if the role exists; 1 if it could not be created, or an existing role cannot be used; 64 \
            when the command line is wrong.
            """
    )

    @Argument(help: "The e-mail address, the application id, or the name of the group.")
    var name: String

    @Option(help: "The kind of identity: user, service-principal or group.")
    var type: RoleIdentity

    @OptionGroup var options: RoleOptions

    func validate() throws { _ = try self.wanted }

    func run() async throws {
        let wanted = try self.wanted
        try await self.options.run(changes: true) { roles in
            let made = try await Progress.during("making the role \(wanted.name)") {
                try await roles.create(wanted)
            }
            Terminal.output("\(made.isNew ? "made" : "there already"): \(made.role.name), \(made.role.words)")
        }
    }

    private var wanted: WantedRole {
        get throws {
            do {
                return try WantedRole(name: self.name, identity: self.type)
            } catch { throw ValidationError("\(error)") }
        }
    }
}

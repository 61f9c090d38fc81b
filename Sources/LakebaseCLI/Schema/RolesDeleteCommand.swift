//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseSchema

/// `lakebase roles delete`.
struct RolesDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a role that owns nothing, with its privileges.",
        discussion: """
            Without --yes it prints what would be lost and deletes nothing. A role that owns objects is not deleted: \
            transfer them to another role first, with lakebase grants transfer. The objects that a role owns are \
            looked up in the database, also when the API deletes the role.

            EXAMPLES
              lakebase roles delete 6c1a0f4e-2f6b-4d3c-9a55-0d8f3c1b7a10
              lakebase roles delete --yes me@example.com

            Exit status: 0 if the role was deleted, or would be; 1 if not, with the reason; 64 when the command line \
            is wrong.
            """
    )

    @Argument(help: "The name of the role in PostgreSQL.")
    var name: String

    @Flag(help: "Delete the role.")
    var yes = false

    @OptionGroup var options: RoleOptions

    func validate() throws {
        if self.name.isEmpty { throw ValidationError("the name is empty") }
    }

    func run() async throws {
        try await self.options.run(changes: self.yes) { roles in
            try await self.options.database.withClient { client, _ in
                guard self.yes else {
                    let plan = try await roles.planDeletion(self.name, owning: client)
                    for loss in plan.losses { Terminal.output("would be lost: \(loss)") }
                    for statement in plan.statements { Terminal.output(statement + ";") }
                    return Terminal.note("Nothing was deleted: add --yes to delete the role \(self.name).")
                }
                let plan = try await Progress.during("deleting the role \(self.name)") {
                    try await roles.delete(self.name, owning: client)
                }
                for loss in plan.losses { Terminal.output("lost: \(loss)") }
                Terminal.output("deleted: \(self.name)")
            }
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseSchema

/// `lakebase migrate status`.
struct MigrateStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show which migrations ran. Changes nothing.",
        discussion: """
            EXAMPLES
              lakebase migrate status
              lakebase migrate status --json | jq -r '.[] | select(.state != "applied") | .name'

            Exit status: 0 when the database could be asked, whatever it says; 1 otherwise.
            """
    )

    @OptionGroup var options: MigrateOptions

    @Flag(help: "Print a JSON array.")
    var json = false

    func run() async throws {
        try await self.options.connection.database.withClient { client, logger in
            let plan = try await self.options.migrator(client, logger).status(try self.options.folder.migrations)
            Terminal.output(self.json ? try MigrateReport.json(plan) : MigrateReport.text(plan))
        }
    }
}

/// `lakebase migrate verify`.
struct MigrateVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that the database has exactly these migrations. Changes nothing.",
        discussion: """
            EXAMPLES
              lakebase migrate verify
              lakebase migrate verify --folder db/migrations --branch preview

            Exit status: 0 when every migration ran, is finished and is the same as it was; 1 otherwise, with what is not as \
            it should be.
            """
    )

    @OptionGroup var options: MigrateOptions

    func run() async throws {
        try await self.options.connection.database.withClient { client, logger in
            let plan = try await self.options.migrator(client, logger).status(try self.options.folder.migrations)
            guard !plan.entries.isEmpty else {
                return Terminal.output("There are no migrations, and none ran.")
            }
            guard !plan.isComplete else { return Terminal.output("\(plan.entries.count) migrations, all applied.") }
            for entry in plan.entries where entry.state != .applied {
                Terminal.output("\(entry.state.words)  \(entry.source ?? "\(entry.version)_\(entry.name)")")
            }
            throw CommandError("the database does not have exactly these migrations")
        }
    }
}

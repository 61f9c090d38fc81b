//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseSchema

/// `lakebase migrate status`.
struct MigrateStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show which migrations ran.",
        discussion: """
            Changes nothing.

            EXAMPLES
              lakebase migrate status
              lakebase migrate status --json | jq -r '.[] | select(.state != "applied") | .name'

            Exit status: 0 if the database could be read, whatever the state; 1 otherwise.
            """
    )

    @OptionGroup var options: MigrateOptions

    @OptionGroup var connection: ConnectionOptions

    @Flag(help: "Print a JSON array.")
    var json = false

    func run() async throws {
        try await self.connection.database.withClient { client, logger in
            let plan = try await self.options.migrator(client, logger).status(try self.options.folder.migrations)
            Terminal.output(self.json ? try MigrateReport.json(plan) : MigrateReport.text(plan))
        }
    }
}

/// `lakebase migrate verify`.
struct MigrateVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that the migrations in the database are exactly those in the folder.",
        discussion: """
            Changes nothing.

            EXAMPLES
              lakebase migrate verify
              lakebase migrate verify --folder db/migrations --branch preview

            Exit status: 0 if every migration ran to its end and its file is unchanged; 1 otherwise, with each \
            difference on a line.
            """
    )

    @OptionGroup var options: MigrateOptions

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await self.connection.database.withClient { client, logger in
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

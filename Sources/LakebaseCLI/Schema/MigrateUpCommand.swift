//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseSchema

/// `lakebase migrate up`.
struct MigrateUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run the migrations that did not run yet.",
        discussion: """
            EXAMPLES
              lakebase migrate up
              lakebase migrate up --to 20261121164500 --owner app_owner
              lakebase dev -- lakebase migrate up

            The first failure stops, and names file, line and statement; what ran before it stays.

            Exit status: 0 when all ran or none had to; 1 when something failed; 64 when the command line is wrong.
            """
    )

    @OptionGroup var options: MigrateOptions

    @Option(help: ArgumentHelp("The last migration to run.", valueName: "number"))
    var to: Int64?

    func run() async throws {
        try await self.options.connection.database.withClient(changes: true) { client, logger in
            let migrations = try self.options.folder.migrations
            let report = try await self.options.migrator(client, logger).up(migrations, to: self.to)
            let nothing =
                migrations.isEmpty
                ? "There are no migrations in \(self.options.folder.folder): make one with lakebase migrate new NAME."
                : "Nothing to do: every migration ran already."
            MigrateReport.tell(report, "ran", nothing: nothing)
        }
    }
}

/// `lakebase migrate down`.
struct MigrateDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Undo the newest migration, or all down to a number.",
        discussion: """
            EXAMPLES
              lakebase migrate down
              lakebase migrate down --to 20261121164500
              lakebase migrate down --to 0

            Nothing is undone unless every migration on the way has its NUMBER_name.down.sql.

            Exit status: 0 when it was undone or nothing had to be; 1 when something failed; 64 when the command line is wrong.
            """
    )

    @OptionGroup var options: MigrateOptions

    @Option(help: ArgumentHelp("The migration that is to be the newest afterwards; 0 for none.", valueName: "number"))
    var to: Int64?

    func run() async throws {
        try await self.options.connection.database.withClient(changes: true) { client, logger in
            let migrations = try self.options.folder.migrations
            let report = try await self.options.migrator(client, logger).down(migrations, to: self.to)
            MigrateReport.tell(report, "undone", nothing: "Nothing to undo.")
        }
    }
}

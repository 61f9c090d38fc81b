//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import LakebaseSchema

/// `lakebase migrate up`.
struct MigrateUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run the pending migrations.",
        discussion: """
            The first failure stops the run, and is reported with file, line and statement; the migrations that ran \
            before it stay.

            EXAMPLES
              lakebase migrate up
              lakebase migrate up --to 20261121164500 --owner app_owner
              lakebase migrate up --branch preview
              lakebase dev -- lakebase migrate up

            Exit status: 0 if all migrations ran or none was pending; 1 on failure; 64 when the command line is \
            wrong.
            """
    )

    @OptionGroup var options: MigrateOptions

    @OptionGroup var connection: ConnectionOptions

    @Option(help: ArgumentHelp("The last migration to run.", valueName: "number"))
    var to: Int64?

    func run() async throws {
        try await self.connection.database.withClient(changes: true) { client, logger in
            let migrations = try self.options.folder.migrations
            let report = try await self.options.migrator(client, logger).up(migrations, to: self.to)
            let nothing =
                migrations.isEmpty
                ? "There are no migrations in \(self.options.folder.folder): create one with lakebase migrate new NAME."
                : "Nothing to do: every migration ran already."
            MigrateReport.tell(report, "ran", nothing: nothing)
        }
    }
}

/// `lakebase migrate down`.
struct MigrateDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Undo the last migration, or all after a given number.",
        discussion: """
            Nothing is undone unless every migration to undo has its NUMBER_name.down.sql.

            EXAMPLES
              lakebase migrate down
              lakebase migrate down --to 20261121164500
              lakebase migrate down --to 0

            Exit status: 0 if the migrations were undone or there was none to undo; 1 on failure; 64 when the \
            command line is wrong.
            """
    )

    @OptionGroup var options: MigrateOptions

    @OptionGroup var connection: ConnectionOptions

    @Option(help: ArgumentHelp("The last migration to keep; 0 undoes all.", valueName: "number"))
    var to: Int64?

    func run() async throws {
        try await self.connection.database.withClient(changes: true) { client, logger in
            let migrations = try self.options.folder.migrations
            let report = try await self.options.migrator(client, logger).down(migrations, to: self.to)
            MigrateReport.tell(report, "undone", nothing: "Nothing to undo.")
        }
    }
}

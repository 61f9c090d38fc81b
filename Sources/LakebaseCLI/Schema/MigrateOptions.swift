//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Lakebase
import LakebaseSchema
import Logging

/// The option that names the folder of the migrations.
struct MigrationFolderOption: ParsableArguments {
    @Option(help: ArgumentHelp("The folder of the migrations.", valueName: "dir"))
    var folder = "migrations"

    var migrations: [Migration] {
        get throws { try MigrationFolder(path: self.folder).migrations() }
    }
}

/// The options of commands that run or read migrations.
struct MigrateOptions: ParsableArguments {
    @OptionGroup var folder: MigrationFolderOption

    @Option(help: ArgumentHelp("The schema of the table that records which migrations ran.", valueName: "name"))
    var historySchema = "lakebase"

    @Option(
        help: ArgumentHelp(
            "The role that owns the objects that migrations create; default: the role that logs in.", valueName: "role")
    )
    var owner: String?

    @Option(help: ArgumentHelp("The longest time to wait for another migrator: 30s, 5m.", valueName: "time"))
    var lockTimeout = DurationArgument(.seconds(60))

    @Flag(help: "Run migrations even if they are older than one that ran.")
    var outOfOrder = false

    func validate() throws {
        try OptionCheck.values(["--history-schema": self.historySchema, "--owner": self.owner])
    }

    func migrator(_ client: LakebaseClient, _ logger: Logger) -> Migrator {
        Migrator(
            client: client,
            options: .init(
                historySchema: self.historySchema, owner: self.owner, lockLimit: self.lockTimeout.duration,
                allowsOutOfOrder: self.outOfOrder),
            logger: logger)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// `lakebase migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Run schema migrations.",
        discussion: """
            Migrations are files in a folder: NUMBER_name.sql, and NUMBER_name.down.sql to undo it. Each runs once, \
            in its own transaction, in the order of the numbers. Put the comment '-- lakebase: no transaction' \
            before the first statement of a file that cannot run in a transaction, such as one with CREATE INDEX \
            CONCURRENTLY. Such a file runs again from its beginning after a failure, so write its statements so that \
            they can be repeated. A file of another program, such as dbmate or goose, that also contains the \
            statements to undo it is refused: move those into NUMBER_name.down.sql.

            The database is that of the environment, unless --endpoint, --branch or --instance names another. A \
            suspended compute is woken. The table migrations in the schema lakebase records which migrations ran, \
            each with a checksum: a file that was changed after it ran is refused. Only one migrator runs at a time; \
            others wait for it.
            """,
        subcommands: [
            MigrateNewCommand.self, MigrateUpCommand.self, MigrateDownCommand.self, MigrateStatusCommand.self,
            MigrateVerifyCommand.self,
        ]
    )
}

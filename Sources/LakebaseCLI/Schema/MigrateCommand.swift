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
            Migrations are files in a folder: NUMBER_name.sql, and NUMBER_name.down.sql for the way back. Each runs in a \
            transaction of its own, in the order of the numbers, and once. A comment '-- lakebase: no transaction' before the \
            first statement is for what cannot run in one, such as CREATE INDEX CONCURRENTLY; if such a file stops half-way it \
            runs again from its beginning, so write its statements so that they can. A file of another program, such as dbmate or \
            goose, that has the way back in it is refused: put the way back into NUMBER_name.down.sql.

            The database is that of the environment, as for any program with this library, unless --endpoint, --branch or \
            --instance names another. One that sleeps is woken. What \
            ran is remembered in the table migrations of the schema lakebase, with a checksum: a file that was changed after \
            it ran is refused. One migrator works at a time, and others wait for it.
            """,
        subcommands: [
            MigrateNewCommand.self, MigrateUpCommand.self, MigrateDownCommand.self, MigrateStatusCommand.self,
            MigrateVerifyCommand.self,
        ]
    )
}

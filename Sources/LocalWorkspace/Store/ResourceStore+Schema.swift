//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import GRDB

extension ResourceStore {
    /// The tables, version by version.
    ///
    /// A migration that was published is never changed: another one is added.
    enum Schema {
        static var migrator: DatabaseMigrator {
            var migrator = DatabaseMigrator()
            migrator.registerMigration("1 resources") { database in
                try Self.createResources(database)
                try Self.createOperations(database)
            }
            migrator.registerMigration("documents") { database in
                try database.create(table: "document") { table in
                    table.primaryKey("name", .text)
                    table.column("text", .jsonText).notNull()
                }
            }
            migrator.registerMigration("read-only endpoints") { database in
                try database.alter(table: "endpoint") { table in
                    table.add(column: "isReadOnly", .boolean).notNull().defaults(to: false)
                }
            }
            migrator.registerMigration("versions that were asked for") { database in
                try database.alter(table: "project") { table in table.add(column: "requestedVersion", .integer) }
            }
            return migrator
        }

        private static func createResources(_ database: GRDB.Database) throws {
            try database.create(table: "project") { table in
                table.primaryKey("id", .text)
                table.column("uid", .text).notNull().unique()
                Self.times(table)
                table.column("deleteTime", .datetime)
                table.column("purgeTime", .datetime)
                table.column("displayName", .text).notNull()
                table.column("postgresMajor", .integer).notNull()
                table.column("retentionSeconds", .integer).notNull()
                table.column("defaults", .jsonText).notNull()
                table.column("defaultBranch", .text).notNull()
                table.column("nativeLogin", .boolean).notNull()
                table.column("budgetPolicy", .text)
                table.column("tags", .jsonText).notNull()
                table.column("owner", .text).notNull()
                table.column("instance", .jsonText).notNull()
            }
            try database.create(table: "branch") { table in
                table.primaryKey("name", .text)
                table.column("project", .text).notNull().indexed().references("project", onDelete: .cascade)
                table.column("id", .text).notNull()
                table.column("uid", .text).notNull().unique()
                table.column("folder", .text).notNull().unique()
                Self.times(table)
                table.column("state", .text).notNull()
                table.column("stateTime", .datetime).notNull()
                table.column("isProtected", .boolean).notNull()
                table.column("expireTime", .datetime)
                table.column("deleteTime", .datetime)
                table.column("purgeTime", .datetime)
                // Not a reference: a branch outlives the one it was copied from.
                table.column("source", .text)
                table.column("sourceLSN", .text)
                table.column("sourceTime", .datetime)
            }
            try Self.createBelowBranch(database)
        }

        private static func createBelowBranch(_ database: GRDB.Database) throws {
            try database.create(table: "endpoint") { table in
                Self.belowBranch(table)
                table.column("uid", .text).notNull().unique()
                table.column("settings", .jsonText).notNull()
                table.column("disabled", .boolean).notNull()
                table.column("address", .text).notNull()
                table.column("port", .integer).notNull()
            }
            try database.create(table: "role") { table in
                Self.belowBranch(table)
                table.column("postgresRole", .text).notNull()
                table.column("identity", .text)
                table.column("login", .text).notNull()
                for name in ["isSuperuser", "createsDatabases", "createsRoles", "bypassesRowSecurity"] {
                    table.column(name, .boolean).notNull()
                }
                table.uniqueKey(["branch", "postgresRole"])
            }
            try database.create(table: "database") { table in
                Self.belowBranch(table)
                table.column("postgresDatabase", .text).notNull()
                table.column("role", .text).notNull()
            }
            try database.create(table: "password") { table in
                table.primaryKey("role", .text).references("role", onDelete: .cascade)
                table.column("text", .text).notNull()
            }
        }

        private static func createOperations(_ database: GRDB.Database) throws {
            try database.create(table: "operation") { table in
                table.primaryKey("name", .text)
                table.column("target", .text).notNull()
                table.column("kind", .text).notNull()
                table.column("createTime", .datetime).notNull()
                table.column("work", .jsonText).notNull()
                table.column("claims", .jsonText).notNull()
                table.column("isDone", .boolean).notNull()
                table.column("response", .jsonText)
                table.column("failure", .jsonText)
            }
            try database.create(
                index: "operation_under_way", on: "operation", columns: ["isDone"], condition: Column("isDone") == false
            )
        }

        private static func belowBranch(_ table: TableDefinition) {
            table.primaryKey("name", .text)
            table.column("branch", .text).notNull().indexed().references("branch", onDelete: .cascade)
            table.column("id", .text).notNull()
            Self.times(table)
        }

        private static func times(_ table: TableDefinition) {
            table.column("createTime", .datetime).notNull()
            table.column("updateTime", .datetime).notNull()
        }
    }
}

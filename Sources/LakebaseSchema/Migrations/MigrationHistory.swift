//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The table of the migrations that ran.
struct MigrationHistory: Sendable {
    let schema: String

    /// Makes the table where there is none; leaves alone what is there, since not everybody may make a schema.
    func make(on connection: PQConnection) async throws {
        if try await self.exists(connection) { return }
        let table = self.table
        do {
            try await connection.withTransaction { connection in
                let hasSchema = try await connection.query(
                    "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = \(self.schema))"
                ).decode(Bool.self).first
                if hasSchema != true { try await connection.query("CREATE SCHEMA \(identifier: self.schema)") }
                try await connection.query(
                    """
                    CREATE TABLE \(unescaped: table) (
                        version bigint PRIMARY KEY,
                        name text NOT NULL,
                        checksum text NOT NULL,
                        started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                        finished_at timestamptz,
                        applied_by text NOT NULL DEFAULT session_user
                    )
                    """)
            }
        } catch let error as PQError where error.code == .server {
            throw MigrationError(
                .history, "the table \(table) of applied migrations cannot be created: \(error.message)",
                underlying: error)
        }
    }

    /// What ran, in the order of the numbers; nothing when there is no table.
    func applied(_ connection: PQConnection) async throws -> [AppliedMigration] {
        guard try await self.exists(connection) else { return [] }
        do {
            let rows = try await connection.query(
                """
                SELECT version, name, checksum, started_at, finished_at, applied_by
                FROM \(unescaped: self.table) ORDER BY version
                """)
            return try rows.decode((Int64, String, String, Date, Date?, String).self).map {
                AppliedMigration(
                    version: $0.0, name: $0.1, checksum: $0.2, startedAt: $0.3, finishedAt: $0.4, appliedBy: $0.5)
            }
        } catch let error as PQError where error.code == .server {
            throw MigrationError(
                .history, "the table \(self.table) of applied migrations cannot be read: \(error.message)",
                underlying: error)
        }
    }

    /// Records the start of a migration; again for a migration that stopped half-way.
    func begin(_ migration: Migration, on connection: PQConnection) async throws {
        try await connection.query(
            """
            INSERT INTO \(unescaped: self.table) (version, name, checksum)
            VALUES (\(migration.version), \(migration.name), \(migration.checksum))
            ON CONFLICT (version) DO UPDATE SET name = excluded.name, checksum = excluded.checksum,
                started_at = excluded.started_at, finished_at = NULL, applied_by = excluded.applied_by
            """)
    }

    func finish(_ migration: Migration, on connection: PQConnection) async throws {
        try await connection.query(
            """
            UPDATE \(unescaped: self.table) SET finished_at = clock_timestamp() WHERE version = \(migration.version)
            """)
    }

    func remove(_ migration: Migration, on connection: PQConnection) async throws {
        try await connection.query("DELETE FROM \(unescaped: self.table) WHERE version = \(migration.version)")
    }

    private var table: String { "\(PQQuery.quoteIdentifier(self.schema)).migrations" }

    private func exists(_ connection: PQConnection) async throws -> Bool {
        let rows = try await connection.query(
            """
            SELECT EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                WHERE nspname = \(self.schema) AND relname = 'migrations')
            """)
        return try rows.decode(Bool.self).first == true
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
import LocalGround
import Logging
import Secrets

/// The workspace's own superuser connection to a compute.
package struct ComputeAdministration: Sendable {
    private let connection: PQConnection
    private let socketFolder: String
    private let password: Secret
    private let logger: Logger

    /// Connects through the compute's private socket.
    static func connect(
        socketFolder: String, password: Secret, database: String = "postgres", logger: Logger
    ) async throws -> ComputeAdministration {
        var configuration = PQConnection.Configuration(
            host: socketFolder, port: PostgresServer.port, username: PostgresConventions.administrator,
            database: database,
            password: password
        )
        configuration.applicationName = Self.applicationName
        // The owner of a database may set these for all who come, and so have names that we write mean functions of theirs.
        configuration.settings = ["search_path": "pg_catalog", "role": "none", "default_transaction_read_only": "off"]
        return ComputeAdministration(
            connection: try await PQConnection.connect(configuration, logger: logger), socketFolder: socketFolder,
            password: password, logger: logger
        )
    }

    /// Another connection to the same compute, to another database.
    package func reconnected(to database: String) async throws -> ComputeAdministration {
        try await Self.connect(
            socketFolder: self.socketFolder, password: self.password, database: database, logger: self.logger
        )
    }

    private static let applicationName = "lakebase-control-plane"

    /// The kind of identity to which a role is linked, in lower case; `nil` if the role does not exist or is not
    /// linked.
    package func identityType(ofRole role: String) async throws -> String? {
        let text = DatabricksAuthExtension.identityTypeOfRole
        let rows = try await self.connection.query("\(unescaped: text) \(role)")
        return try rows.decode(String.self).first
    }

    /// Whether there is a role of that name.
    package func has(role: String) async throws -> Bool {
        try await self.isTrue("SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = \(role))")
    }

    /// The number of busy sessions: with a running statement, an open transaction, or a replication subscriber.
    ///
    /// A server of ours that follows does not count.
    func busySessions() async throws -> Int {
        let rows = try await self.connection.query(
            """
            SELECT count(*) FROM pg_catalog.pg_stat_activity
            WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND state IS DISTINCT FROM 'idle'
                OR backend_type = 'walsender' AND usesysid <> 10
            """
        )
        return try rows.decode(Int.self).first ?? 0
    }

    /// Whether a role that is not linked to an identity may log in with a password: it has one, and no grantor has
    /// marked it.
    package func hasNativePassword(role: String) async throws -> Bool {
        try await self.isTrue(
            """
            SELECT EXISTS (
                SELECT FROM pg_catalog.pg_authid AS role
                WHERE role.rolname = \(role) AND role.rolcanlogin AND role.rolpassword IS NOT NULL AND NOT role.rolsuper
                  AND NOT EXISTS (
                    SELECT FROM pg_catalog.pg_roles AS marker
                    WHERE starts_with(marker.rolname, 'databricks_identity_')
                      AND pg_has_role(role.oid, marker.oid, 'MEMBER')
                  )
            )
            """
        )
    }

    /// Grants a role CONNECT and CREATE on a database.
    package func admit(role: String, to database: String) async throws {
        let grant =
            "GRANT CONNECT, CREATE ON DATABASE \(PQQuery.quoteIdentifier(database)) TO \(PQQuery.quoteIdentifier(role))"
        try await self.connection.query("\(unescaped: grant)")
    }

    // MARK: Backup mode (PostgreSQL: Making a Base Backup Using the Low Level API)

    /// Starts a backup, so that the files can be copied while the server runs; it ends with ``endBackup()`` or with the
    /// connection.
    func beginBackup() async throws {
        // Keeps the log from here on, as long as this connection lasts.
        try await self.connection.query(
            "SELECT pg_create_physical_replication_slot('lakebase_copy_' || pg_backend_pid(), true, true)"
        )
        try await self.connection.query("SELECT pg_backup_start('lakebase', true)")
    }

    /// The result of a backup.
    struct BackupEnd: Sendable {
        /// The position in the WAL.
        var lsn: String
        /// The text of the copy's `backup_label`.
        var label: String
        /// The part of the WAL that the copy needs; `nil` for all of it.
        var log: LogRange?
    }

    /// Ends backup mode.
    func endBackup() async throws -> BackupEnd {
        let rows = try await self.connection.query(
            """
            SELECT lsn::text, labelfile, place.file_name, place.file_offset::bigint
            FROM pg_backup_stop(false), LATERAL pg_walfile_name_offset(lsn) AS place
            """
        )
        guard let row = try rows.decode((String, String, String, Int64).self).first else {
            throw ComputeLifecycle.Failure(description: "the server did not say where the backup ends")
        }
        return BackupEnd(
            lsn: row.0, label: row.1, log: LogRange(label: row.1, stopFile: row.2, stopOffset: row.3)
        )
    }

    // MARK: Plain statements

    /// Runs statements, whose names are quoted, in one transaction.
    package func execute(_ script: String) async throws { try await self.connection.execute(script: script) }

    package func rows(_ query: PQQuery) async throws -> PQRows { try await self.connection.query(query) }

    package func isTrue(_ query: PQQuery) async throws -> Bool {
        try await self.connection.query(query).decode(Bool.self).first ?? false
    }

    /// Closes the connection.
    package func close() async { await self.connection.close() }
}

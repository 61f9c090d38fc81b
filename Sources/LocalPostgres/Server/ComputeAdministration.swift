//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
import LocalGround
import Logging
import Secrets

/// The one connection this process has of its own to a compute, as its superuser.
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

    /// Another connection to the same compute, to that database.
    package func reconnected(to database: String) async throws -> ComputeAdministration {
        try await Self.connect(
            socketFolder: self.socketFolder, password: self.password, database: database, logger: self.logger
        )
    }

    private static let applicationName = "lakebase-control-plane"

    /// What kind of identity a role is linked to, in lower case; `nil` if there is no such role or it is not linked.
    package func identityType(ofRole role: String) async throws -> String? {
        let text = DatabricksAuthExtension.identityTypeOfRole
        let rows = try await self.connection.query("\(unescaped: text) \(role)")
        return try rows.decode(String.self).first
    }

    /// Whether there is a role of that name.
    package func has(role: String) async throws -> Bool {
        try await self.isTrue("SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = \(role))")
    }

    /// How many sessions are at work: a statement that runs, a transaction that is open, or a subscriber that follows.
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

    /// Whether a role that is linked to no identity may try a password: it has one, and bears no mark of any grantor.
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

    /// Lets a role connect to a database and create in it.
    package func admit(role: String, to database: String) async throws {
        let grant =
            "GRANT CONNECT, CREATE ON DATABASE \(PQQuery.quoteIdentifier(database)) TO \(PQQuery.quoteIdentifier(role))"
        try await self.connection.query("\(unescaped: grant)")
    }

    // MARK: Backup mode (PostgreSQL: Making a Base Backup Using the Low Level API)

    /// Lets the files be copied while the server works; ends with ``endBackup()`` or with the connection.
    func beginBackup() async throws {
        // Keeps the log from here on, as long as this connection lasts.
        try await self.connection.query(
            "SELECT pg_create_physical_replication_slot('lakebase_copy_' || pg_backend_pid(), true, true)"
        )
        try await self.connection.query("SELECT pg_backup_start('lakebase', true)")
    }

    /// The end of a backup.
    struct BackupEnd: Sendable {
        /// The place in the log.
        var lsn: String
        /// The text of the copy's `backup_label`.
        var label: String
        /// What the copy needs of the log; `nil` for all there is.
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

    /// Runs statements whose names are quoted, all or nothing.
    package func execute(_ script: String) async throws { try await self.connection.execute(script: script) }

    package func rows(_ query: PQQuery) async throws -> PQRows { try await self.connection.query(query) }

    package func isTrue(_ query: PQQuery) async throws -> Bool {
        try await self.connection.query(query).decode(Bool.self).first ?? false
    }

    /// Closes the connection.
    package func close() async { await self.connection.close() }
}

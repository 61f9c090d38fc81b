//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Restricts logical replication to the database.
///
/// The owner of a project has the attribute REPLICATION, as on the service. With it the functions that make slots load
/// a module from any path as an output plugin, and so run what a client could put into a file. Here a plugin is named
/// looked for among the server's own modules; and nobody makes physical slots. `ReplicationScreen` does the same for the
/// ``ReplicationScreen`` does the same for the replication protocol.
enum ReplicationGuards {
    private static let checkedPlugin = "lakebase_checked_plugin"
    private static let original = "lakebase_create_logical_slot"

    /// Whether the data directory has the guards, as an SQL expression: only the superuser can create functions in
    /// `pg_catalog`.
    static let areThere = """
        EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proname = '\(Self.checkedPlugin)'
            AND pronamespace = 'pg_catalog'::pg_catalog.regnamespace AND proowner = 10)
        """

    /// Statements for `template1` of a new data directory, from which the other databases are created.
    static func statements(major: Int) -> [String] {
        // Since 17 a slot may outlive a change of the server.
        let hasFailover = major >= 17
        let types = "name, name, boolean, boolean" + (hasFailover ? ", boolean" : "")
        let parameters =
            "IN slot_name name, IN plugin name, IN temporary boolean DEFAULT false, IN twophase boolean DEFAULT false"
            + (hasFailover ? ", IN failover boolean DEFAULT false" : "") + ", OUT slot_name name, OUT lsn pg_lsn"
        let arguments = "$1, pg_catalog.\(Self.checkedPlugin)($2), $3, $4" + (hasFailover ? ", $5" : "")
        let setting = "SET search_path = pg_catalog, pg_temp"
        let name = "pg_catalog.pg_create_logical_replication_slot"
        return [
            "ALTER FUNCTION \(name)(\(types)) RENAME TO \(Self.original)",
            "REVOKE EXECUTE ON FUNCTION pg_catalog.\(Self.original)(\(types)) FROM PUBLIC",
            """
            CREATE FUNCTION pg_catalog.\(Self.checkedPlugin)(plugin name) RETURNS name LANGUAGE plpgsql STABLE \(setting)
            AS $function$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = session_user AND (rolreplication OR rolsuper)) THEN
                    RAISE EXCEPTION 'permission denied to use replication slots' USING ERRCODE = 'insufficient_privilege',
                        DETAIL = 'Only roles with the REPLICATION attribute may use replication slots.';
                END IF;
                IF plugin !~ '^[A-Za-z0-9_]+$' THEN
                    RAISE EXCEPTION 'the output plugin % is not a plain name', quote_literal(plugin)
                        USING ERRCODE = 'insufficient_privilege',
                        HINT = 'Use pgoutput, or another plugin that is installed with PostgreSQL.';
                END IF;
                RETURN plugin;
            END $function$
            """,
            "REVOKE EXECUTE ON FUNCTION pg_catalog.\(Self.checkedPlugin)(name) FROM PUBLIC",
            """
            CREATE FUNCTION \(name)(\(parameters)) RETURNS record LANGUAGE sql STRICT VOLATILE SECURITY DEFINER \(setting)
            AS $function$ SELECT made.slot_name, made.lsn FROM pg_catalog.\(Self.original)(\(arguments)) AS made $function$
            """,
            "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_copy_logical_replication_slot(name, name, boolean, name) FROM PUBLIC",
            "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_create_physical_replication_slot(name, boolean, boolean) FROM PUBLIC",
            "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_copy_physical_replication_slot(name, name) FROM PUBLIC",
            "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_copy_physical_replication_slot(name, name, boolean) FROM PUBLIC",
            // Those that initdb has made of template1 before it had the guards.
            "UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = 'template0'",
            "DROP DATABASE template0",
            "CREATE DATABASE template0 TEMPLATE template1 STRATEGY file_copy IS_TEMPLATE true ALLOW_CONNECTIONS false",
            "DROP DATABASE postgres",
            "CREATE DATABASE postgres TEMPLATE template1 STRATEGY file_copy",
        ]
    }
}

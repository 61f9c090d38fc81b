//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What a new cluster is given: the service's roles and database (Databricks: Postgres roles of Lakebase).
enum BootstrapScript {
    /// Statements for single-user mode with `-j`: each ends with a semicolon and an empty line.
    static func text(state: LocalState, major: Int) -> String {
        let developer = Self.identifier(state.developer)
        let app = Self.identifier(state.applicationID)
        let database = BranchCluster.database
        var statements = [
            "CREATE ROLE databricks_superuser NOLOGIN",
            "GRANT pg_read_all_data, pg_write_all_data, pg_monitor TO databricks_superuser",
            "CREATE ROLE databricks_control_plane NOLOGIN",
            "CREATE ROLE databricks_monitor NOLOGIN",
            "GRANT pg_monitor TO databricks_monitor",
            "CREATE ROLE databricks_gateway NOLOGIN",
        ]
        statements += DatabricksAuthExtension.markers.map { "CREATE ROLE \($0.1) NOLOGIN" }
        statements += [
            "CREATE ROLE \(developer) LOGIN CREATEDB CREATEROLE BYPASSRLS",
            "GRANT databricks_superuser TO \(developer)\(major >= 16 ? " WITH ADMIN TRUE" : "")",
            "GRANT databricks_identity_user TO \(developer)",
            "CREATE ROLE \(app) LOGIN",
            "GRANT databricks_identity_service_principal TO \(app)",
        ]
        if major >= 16 {
            statements.append("GRANT \(app) TO \(developer) WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
        }
        statements += [
            // Its owner owns schema public through pg_database_owner.
            "CREATE DATABASE \(database) OWNER \(developer)",
            "GRANT CONNECT, CREATE ON DATABASE \(database) TO \(app)",
        ]
        return Self.joined(statements)
    }

    /// A quoted identifier.
    static func identifier(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }

    private static func joined(_ statements: [String]) -> String {
        statements.map { $0 + ";\n\n" }.joined()
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LocalGround
import SQLTokens

/// The identities that have a role in a new data directory.
package struct BootstrapRoles: Sendable {
    /// The user name of the creator of the project.
    var owner: String
    /// The role that marks the kind of the owner's identity.
    var ownerMarker: String
    /// An application that may connect and create schemas, if there is one.
    var app: String?

    package init(owner: String, ownerMarker: String, app: String?) {
        self.owner = owner
        self.ownerMarker = ownerMarker
        self.app = app
    }
}

/// The initial contents of a data directory: the service's roles and database (Databricks: Postgres roles of Lakebase).
enum BootstrapScript {
    /// Statements for `template1` in single-user mode with `-j`: each ends with a semicolon and an empty line.
    static func text(roles: BootstrapRoles, major: Int) -> String {
        let owner = SQLQuoting.name(roles.owner)
        let database = PostgresConventions.database
        var statements = ReplicationGuards.statements(major: major)
        statements += [
            "CREATE ROLE databricks_superuser NOLOGIN",
            "GRANT pg_read_all_data, pg_write_all_data, pg_monitor TO databricks_superuser",
            "CREATE ROLE databricks_control_plane NOLOGIN",
            "CREATE ROLE databricks_monitor NOLOGIN",
            "GRANT pg_monitor TO databricks_monitor",
            "CREATE ROLE databricks_gateway NOLOGIN",
        ]
        statements += DatabricksAuthExtension.markers.map { "CREATE ROLE \($0.1) NOLOGIN" }
        statements += [
            "CREATE ROLE \(owner) LOGIN CREATEDB CREATEROLE BYPASSRLS REPLICATION",
            "GRANT databricks_superuser TO \(owner)\(major >= 16 ? " WITH ADMIN TRUE" : "")",
            "GRANT \(roles.ownerMarker) TO \(owner)",
        ]
        if let app = roles.app.map(SQLQuoting.name) {
            statements += ["CREATE ROLE \(app) LOGIN", "GRANT databricks_identity_service_principal TO \(app)"]
            if major >= 16 {
                statements.append("GRANT \(app) TO \(owner) WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
            }
        }
        // Its owner owns schema public through pg_database_owner.
        statements.append("CREATE DATABASE \(database) OWNER \(owner) STRATEGY file_copy")
        if let app = roles.app.map(SQLQuoting.name) {
            statements.append("GRANT CONNECT, CREATE ON DATABASE \(database) TO \(app)")
        }
        return Self.joined(statements + SystemAccess.guards(major: major))
    }

    /// Statements for single-user mode with `-j`.
    static func joined(_ statements: [String]) -> String {
        statements.map { $0 + ";\n\n" }.joined()
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks

/// The environment of an app's process, as a value.
///
/// Source: Databricks, "Databricks Apps environment" (the six that are always there) and "Add a Lakebase resource to a
/// Databricks app" (those of the first database). Nothing is inherited but the path of programs.
struct AppEnvironment: Equatable, Sendable {
    /// A database that an app has as a resource.
    struct Connection: Equatable, Sendable {
        var host: String
        var port: Int
        var database: String
        /// The resource name of the endpoint.
        var endpoint: String
    }

    /// What the platform tells.
    struct Facts: Equatable, Sendable {
        var app: String
        var workspaceID: String
        /// The workspace's URL.
        var host: String
        var port: Int
        /// The application id of the app's service principal.
        var clientID: String
    }

    private(set) var variables: [String: String]

    /// The variables without the secret, which is added last of all.
    ///
    /// - Parameters:
    ///   - home: A folder of the app's own; ours has credentials.
    ///   - path: Where programs are looked for.
    ///   - database: The first database resource.
    ///   - certificateFile: What its TLS certificate is checked against. Not one of the platform's.
    ///   - own: Of `app.yaml` and the deployment, resolved; they win.
    init(
        _ facts: Facts, home: String, path: String, temporaryFolder: String, database: Connection?,
        certificateFile: String, own: [(name: String, value: String)]
    ) {
        var variables = [
            "PATH": path, "HOME": home, "LANG": "C.UTF-8", "TMPDIR": temporaryFolder,
            "DATABRICKS_APP_NAME": facts.app, "DATABRICKS_WORKSPACE_ID": facts.workspaceID,
            "DATABRICKS_HOST": facts.host, "DATABRICKS_APP_PORT": String(facts.port),
            "DATABRICKS_CLIENT_ID": facts.clientID,
        ]
        if let database {
            variables["PGHOST"] = database.host
            variables["PGPORT"] = String(database.port)
            variables["PGDATABASE"] = database.database
            variables["PGUSER"] = facts.clientID
            variables["PGSSLMODE"] = "require"
            variables["PGAPPNAME"] = facts.app
            variables["PGSSLROOTCERT"] = certificateFile
            variables["NODE_EXTRA_CA_CERTS"] = certificateFile
        }
        for (name, value) in own { variables[name] = value }
        self.variables = variables
    }
}

/// What `valueFrom` stands for.
///
/// Source: Databricks, "Define environment variables in a Databricks app".
enum AppValueSource {
    /// The value for a resource.
    ///
    /// - Parameter connection: Its database, when it is one.
    /// - Throws: What keeps it from having one.
    static func value(of resource: Apps.Resource, connection: AppEnvironment.Connection?) throws(AppEnd) -> String {
        if let connection {
            // An Autoscaling database gives the endpoint's resource name, a Provisioned one the host.
            return resource.postgres != nil ? connection.endpoint : connection.host
        }
        if resource.secret != nil {
            throw AppEnd(
                reason:
                    "The resource '\(resource.name)' is a secret, and the local workspace has no secrets; use value "
                    + "instead of valueFrom here")
        }
        let named: [String?] = [
            resource.sqlWarehouse?.id, resource.job?.id, resource.experiment?.experimentID,
            resource.genieSpace?.spaceID, resource.servingEndpoint?.name, resource.app?.name,
            resource.ucSecurable?.securableFullName,
        ]
        guard let value = named.compactMap({ $0 }).first else {
            throw AppEnd(reason: "The resource '\(resource.name)' has nothing that valueFrom could stand for")
        }
        return value
    }
}

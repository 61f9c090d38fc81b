//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

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

    /// The facts that the platform passes to an app.
    struct Facts: Equatable, Sendable {
        var app: String
        var workspaceID: String
        /// The workspace's URL.
        var host: String
        /// The app's URL.
        var url: String
        /// The port on which the app is told to listen.
        var port: Int
        /// The application id of the app's service principal.
        var clientID: String
    }

    private(set) var variables: [String: String]

    /// Creates the variables without the secret, which is added last.
    ///
    /// - Parameters:
    ///   - home: A folder of the app's own; ours has credentials.
    ///   - path: Where programs are looked for.
    ///   - database: The first database resource.
    ///   - certificateFile: What its TLS certificate is checked against. Not one of the platform's.
    ///   - nodeCertificateFile: The same for Node.js, which has to trust it also where the app names its database
    ///     itself.
    ///   - bundles: The same for programs that verify HTTPS, by the variables that they read; empty where the workspace
    ///     speaks HTTP.
    ///   - own: Of `app.yaml` and the deployment, resolved; they win.
    init(
        _ facts: Facts, home: String, path: String, temporaryFolder: String, database: Connection?,
        certificateFile: String, nodeCertificateFile: String, bundles: [String: String] = [:],
        own: [(name: String, value: String)]
    ) {
        var variables = [
            "PATH": path, "HOME": home, "LANG": "C.UTF-8", "TMPDIR": temporaryFolder,
            "DATABRICKS_APP_NAME": facts.app, "DATABRICKS_WORKSPACE_ID": facts.workspaceID,
            "DATABRICKS_HOST": facts.host, "DATABRICKS_APP_PORT": String(facts.port),
            "DATABRICKS_CLIENT_ID": facts.clientID, "DATABRICKS_APP_URL": facts.url,
            "NODE_EXTRA_CA_CERTS": nodeCertificateFile,
        ]
        variables.merge(Self.conventions(port: String(facts.port))) { $1 }
        if let database {
            variables["PGHOST"] = database.host
            variables["PGPORT"] = String(database.port)
            variables["PGDATABASE"] = database.database
            variables["PGUSER"] = facts.clientID
            variables["PGSSLMODE"] = "require"
            variables["PGAPPNAME"] = facts.app
            variables["PGSSLROOTCERT"] = certificateFile
        }
        variables.merge(bundles) { $1 }
        for (name, value) in own { variables[name] = value }
        self.variables = variables
    }

    /// The variables in which the frameworks that the platform knows expect their port, and related ones.
    ///
    /// Source: the platform; `databricks apps run-local` sets the same, but for the host.
    static func conventions(port: String) -> [String: String] {
        let everywhere = "0.0.0.0"
        return [
            "PORT": port, "HOST": everywhere, "PYTHONUNBUFFERED": "1", "UVICORN_PORT": port, "UVICORN_HOST": everywhere,
            "FLASK_RUN_PORT": port, "FLASK_RUN_HOST": everywhere, "GRADIO_SERVER_PORT": port,
            "GRADIO_SERVER_NAME": everywhere, "GRADIO_ANALYTICS_ENABLED": "false", "STREAMLIT_SERVER_PORT": port,
            "STREAMLIT_SERVER_ADDRESS": everywhere, "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "false",
            "STREAMLIT_SERVER_ENABLE_CORS": "false", "STREAMLIT_SERVER_HEADLESS": "true",
            "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
        ]
    }

    /// Puts the programs of a Python environment first in `PATH`, and names the environment.
    mutating func use(_ installed: AppInstaller.Installed, own: Set<String>) {
        let folder = installed.folder
        if !own.contains("PATH") { self.variables["PATH"] = "\(folder)/bin:\(self.variables["PATH"] ?? "")" }
        if !own.contains("VIRTUAL_ENV") { self.variables["VIRTUAL_ENV"] = folder }
        // Else `uv run`, which commands of such apps begin with, makes another one.
        if installed.isProject, !own.contains("UV_PROJECT_ENVIRONMENT") {
            self.variables["UV_PROJECT_ENVIRONMENT"] = folder
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
import Databricks
import Logging

extension LakebaseConfiguration {
    /// The parameters of a connection to a host that is known by now, without a password.
    package func connection(host: String, username: String) -> PQConnection.Configuration {
        var settings = self.settings
        if let schema = self.schema { settings["search_path"] = "\(PQQuery.quoteIdentifier(schema)),public" }
        var connection = PQConnection.Configuration(
            host: host, port: self.port, username: username, database: self.database, tls: self.tls,
            rootCertificate: self.rootCertificate, applicationName: self.applicationName, settings: settings,
            connectTimeout: self.pool.connectTimeout, statementCacheCapacity: self.statementCacheCapacity,
            keepaliveIdle: self.keepaliveIdle)
        connection.hostAddress = self.hostAddress
        connection.startupOptions = self.startupOptions
        // A token goes to the database's own host and to no other.
        if !self.usesTokens { connection.additionalHosts = self.additionalHosts }
        connection.targetSession = self.targetSession
        connection.loadBalancing = self.loadBalancing
        connection.keyPassphrase = self.keyPassphrase
        connection.libpqParameters = self.libpqParameters
        return connection
    }

    /// Whether no setting says where the database is, so that the server of this machine is used.
    package var isUnconfigured: Bool {
        guard case .postgres(host: "localhost", _) = self.target else { return false }
        return self.notes.contains { $0.hasPrefix("nothing is configured") }
    }

    /// A client of the workspace that mints the credentials; nil where none is configured.
    func makeWorkspaceClient(logger: Logger) -> WorkspaceClient? {
        self.workspace.map {
            WorkspaceClient(configuration: $0, retryPolicy: .forLogins, logger: logger)
        }
    }
}

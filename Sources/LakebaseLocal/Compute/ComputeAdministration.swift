//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging

/// The one connection this process has of its own to a compute, as its superuser.
struct ComputeAdministration: Sendable {
    private let connection: PQConnection

    /// Connects through the compute's private socket.
    static func connect(socketFolder: String, logger: Logger) async throws -> ComputeAdministration {
        var configuration = PQConnection.Configuration(
            host: socketFolder, port: PostgresServer.port, username: BranchCluster.administrator, database: "postgres"
        )
        configuration.applicationName = Self.applicationName
        return ComputeAdministration(connection: try await PQConnection.connect(configuration, logger: logger))
    }

    private static let applicationName = "lakebase-control-plane"

    /// What kind of identity a role is linked to, in lower case; `nil` if there is no such role or it is not linked.
    func identityType(ofRole role: String) async throws -> String? {
        let text = DatabricksAuthExtension.identityTypeOfRole
        let rows = try await self.connection.query("\(unescaped: text) \(role)")
        return try rows.decode(String.self).first
    }

    /// How many sessions are at work: a statement that runs, or a transaction that is open.
    func busySessions() async throws -> Int {
        let rows = try await self.connection.query(
            """
            SELECT count(*) FROM pg_catalog.pg_stat_activity
            WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND state IS DISTINCT FROM 'idle'
            """
        )
        return try rows.decode(Int.self).first ?? 0
    }

    /// Lets a service principal connect to a database and create in it; its role is made when there is none.
    func admit(servicePrincipal applicationID: String, to database: String) async throws {
        let role = PQQuery.quoteIdentifier(applicationID)
        if try await self.identityType(ofRole: applicationID) == nil {
            let creation = "CREATE ROLE \(role) LOGIN IN ROLE databricks_identity_service_principal"
            try await self.connection.query("\(unescaped: creation)")
        }
        let grant = "GRANT CONNECT, CREATE ON DATABASE \(PQQuery.quoteIdentifier(database)) TO \(role)"
        try await self.connection.query("\(unescaped: grant)")
    }

    /// Closes the connection.
    func close() async { await self.connection.close() }
}

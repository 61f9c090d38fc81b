//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText

/// Single resources of the workspace, each nil when it does not exist.
extension EnvironmentReader {
    /// Returns an app, also one that is being deleted.
    func app(_ name: String) async throws(DatabricksError) -> Apps.App? {
        try await Self.ifFound { () async throws(DatabricksError) in try await self.workspace.apps.get(name) }
    }

    /// Returns the read-write endpoint of a branch, found by its type: the first one of the list may be read-only.
    func endpoint(of branch: String) async throws -> Postgres.Endpoint? {
        try await self.workspace.postgres.listEndpoints(parent: branch).all()
            .first { $0.status?.endpointType == .readWrite }
    }

    /// Returns a database of a branch by its name in PostgreSQL, which is not its id.
    func database(_ name: String, on branch: String) async throws -> Postgres.Database? {
        try await self.workspace.postgres.listDatabases(parent: branch).all()
            .first { $0.status?.postgresDatabase?.isExactly(name) == true }
    }

    /// Returns the branch behind an instance, by which its databases are created and deleted.
    ///
    /// The API of instances has no calls for that. Since March 2026 a new instance is a project of the same name (Databricks: Upgrade to autoscaling);
    /// an older instance has none, and its databases are created and deleted by SQL.
    func branch(ofInstance name: String) async throws -> String? {
        try await Self.ifFound { () async throws(DatabricksError) in
            try await self.workspace.postgres.getProject("projects/\(name)")
        }?.status?.defaultBranch
    }

    /// Returns what a call returns, and nil when the service answers "not found"; every other failure is thrown.
    static func ifFound<Value: Sendable>(
        _ call: () async throws(DatabricksError) -> Value
    ) async throws(DatabricksError) -> Value? {
        do throws(DatabricksError) {
            return try await call()
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }
}

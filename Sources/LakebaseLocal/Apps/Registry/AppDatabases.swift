//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import LocalWorkspace

/// The databases that an app can have as resources.
protocol AppDatabases: Sendable {
    /// Checks whether the database of a resource exists; resources of other kinds pass.
    ///
    /// - Throws: The refusal of the service.
    func check(_ resource: Apps.Resource) async throws
    /// Lets an app's service principal connect to the database of a resource and create in it, with a new role or the one it has.
    func attach(_ resource: Apps.Resource, applicationID: String) async throws
    /// The address of the database of a resource; `nil` for a resource of another kind.
    ///
    /// - Throws: The refusal of the service when it is gone.
    func connection(of resource: Apps.Resource) async throws -> AppEnvironment.Connection?
}

/// The databases of the workspace's projects.
struct WorkspaceDatabases: AppDatabases {
    let resources: ResourceService
    /// The identity that creates the roles.
    let system: LocalIdentity

    func check(_ resource: Apps.Resource) async throws { _ = try await self.find(resource) }

    func attach(_ resource: Apps.Resource, applicationID: String) async throws {
        guard let database = try await self.find(resource) else { return }
        try await self.resources.admit(
            servicePrincipal: applicationID, to: database.postgresDatabase, of: database.branch, by: self.system)
    }

    func connection(of resource: Apps.Resource) async throws -> AppEnvironment.Connection? {
        guard let database = try await self.find(resource) else { return nil }
        let inventory = await self.resources.view.inventory
        guard let endpoint = inventory.writer(of: database.branch), !endpoint.address.isEmpty else {
            throw APIFailure.notFound("endpoint id not found")
        }
        return AppEnvironment.Connection(
            host: endpoint.address, port: endpoint.port, database: database.postgresDatabase, endpoint: endpoint.name)
    }

    /// The database of a resource; `nil` for a resource of another kind.
    private func find(_ resource: Apps.Resource) async throws -> DatabaseRecord? {
        let inventory = await self.resources.view.inventory
        if let wanted = resource.database {
            let instance = wanted.instanceName ?? ""
            let project: ProjectRecord
            do { project = try inventory.instance(instance) } catch {
                throw APIFailure.notFound("Database instance \(instance) does not exist")
            }
            let branch = ResourceName.branch(project.id, project.defaultBranch)
            let name = wanted.databaseName ?? ""
            guard
                let database = inventory.databases.values.first(where: {
                    $0.branch == branch && $0.postgresDatabase.isExactly(name)
                })
            else { throw APIFailure.notFound("Database \(name) does not exist") }
            return database
        }
        guard let wanted = resource.postgres else { return nil }
        for (field, value, collection) in [
            ("branch", wanted.branch, "branches"), ("database", wanted.database, "databases"),
        ] {
            // The name of a database in PostgreSQL is none.
            let parts = (value ?? "").splitExactly(at: "/", omittingEmptySubsequences: false)
            guard parts.count >= 4, parts[0].isExactly("projects"), parts[parts.count - 2].isExactly(collection) else {
                throw APIFailure.invalid(
                    "Field 'resources.postgres.\(field)' of '\(resource.name)' must be a resource name such as "
                        + "projects/{project}/branches/{branch}\(collection.isExactly("databases") ? "/databases/{database}" : ""), "
                        + "got '\(value ?? "")'.")
            }
        }
        let branch = try inventory.liveBranch(wanted.branch ?? "")
        guard let database = inventory.databases[wanted.database ?? ""], database.branch == branch.name else {
            throw APIFailure.notFound("database id not found")
        }
        return database
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks

/// The databases that an app can get access to.
protocol AppDatabases: Sendable {
    /// Looks whether the database of a resource is there; a resource of another kind is.
    ///
    /// - Throws: The refusal of the service.
    func check(_ resource: Apps.Resource) throws
    /// Lets an app's service principal connect to the database of a resource and create in it, with a new role or the one it has.
    func attach(_ resource: Apps.Resource, applicationID: String) async throws
}

/// The databases of the one project there is.
struct LocalProjectDatabases: AppDatabases {
    let compute: Compute

    private static let resourceName = "\(LocalProject.branchName)/databases/\(LocalProject.databaseID)"

    func check(_ resource: Apps.Resource) throws {
        if let wanted = resource.database {
            guard wanted.instanceName == LocalProject.instanceName else {
                throw APIFailure.notFound("Database instance \(wanted.instanceName ?? "") does not exist")
            }
            guard wanted.databaseName == BranchCluster.database else {
                throw APIFailure.notFound("Database \(wanted.databaseName ?? "") does not exist")
            }
        }
        if let wanted = resource.postgres {
            guard wanted.branch == LocalProject.branchName else { throw APIFailure.notFound("branch id not found") }
            guard wanted.database == Self.resourceName else { throw APIFailure.notFound("database id not found") }
        }
    }

    func attach(_ resource: Apps.Resource, applicationID: String) async throws {
        try self.check(resource)
        guard resource.database != nil || resource.postgres != nil else { return }
        guard let administration = try await self.compute.login().administration else {
            throw APIFailure(503, "TEMPORARILY_UNAVAILABLE", "The endpoint is going to sleep; try again.")
        }
        try await administration.admit(servicePrincipal: applicationID, to: BranchCluster.database)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import LocalPostgres
import LocalWorkspace

/// Access to databases that is granted with something else, such as an app.
extension ResourceService {
    /// Lets a service principal connect to a database and create in it; its role is created if needed.
    ///
    /// - Throws: `APIFailure`, also when the role could not be made in time.
    func admit(
        servicePrincipal applicationID: String, to database: String, of branch: String, by system: LocalIdentity
    ) async throws {
        if !self.view.inventory.roles(of: branch).contains(where: { $0.postgresRole == applicationID }) {
            let spec = Postgres.RoleSpec(postgresRole: applicationID, identityType: .servicePrincipal)
            let operation = try self.apply(
                .createRole(branch: branch, id: nil, Postgres.Role(spec: spec), replace: false), by: system)
            guard let done = await self.end(of: operation.name, within: .seconds(30)) else {
                throw APIFailure(503, "TEMPORARILY_UNAVAILABLE", "The endpoint of \(branch) does not start; try again.")
            }
            if let failure = done.failure { throw APIFailure(500, failure.code, failure.message) }
        }
        try await self.administrate(branch) { try await $0.admit(role: applicationID, to: database) }
    }
}

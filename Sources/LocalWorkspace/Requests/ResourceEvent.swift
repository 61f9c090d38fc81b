//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Databricks

/// A request to change the resources.
package enum ResourceEvent: Sendable {
    case createProject(id: String?, Postgres.Project)
    case updateProject(id: String, Postgres.Project, RequestedFields)
    case deleteProject(id: String, purge: Bool)
    case undeleteProject(id: String)

    case createBranch(BranchRequest)
    case updateBranch(String, Postgres.Branch, RequestedFields)
    case deleteBranch(String, purge: Bool)
    case undeleteBranch(String)

    case createEndpoint(branch: String, id: String?, Postgres.Endpoint, replace: Bool)
    case updateEndpoint(String, Postgres.Endpoint, RequestedFields)
    case deleteEndpoint(String)

    case createRole(branch: String, id: String?, Postgres.Role, replace: Bool)
    case updateRole(String, Postgres.Role, RequestedFields)
    case deleteRole(String, heir: String?)

    case createDatabase(branch: String, id: String?, Postgres.Database, replace: Bool)
    case updateDatabase(String, Postgres.Database, RequestedFields)
    case deleteDatabase(String)

    case createInstance(Database.Instance)
    case updateInstance(String, Database.Instance, RequestedFields)
    case deleteInstance(String, force: Bool)

    /// A branch has expired, or a deleted project or branch is to be purged.
    case expire(String)

    /// The request of `POST …/branches`.
    package struct BranchRequest: Sendable {
        package var project: String
        package var id: String?
        package var body: Postgres.Branch
        package var replace = false

        package init(project: String, id: String? = nil, body: Postgres.Branch, replace: Bool = false) {
            self.project = project
            self.id = id
            self.body = body
            self.replace = replace
        }
    }
}

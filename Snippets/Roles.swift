//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Roles, owners and grants from code.

import Databricks
import Lakebase
import LakebaseSchema

func createRole(workspace: WorkspaceClient, lakebase: LakebaseClient, applicationID: String) async throws {
    // snippet.create
    let wanted = try WantedRole(name: applicationID, identity: .servicePrincipal)
    let roles = RoleManager(workspace: workspace, place: .branch("projects/notes/branches/production"))
    try await roles.create(wanted)
    // Or in the database, with databricks_create_role:
    try await RoleManager(client: lakebase).create(wanted)
    // snippet.end
}

func transfer(lakebase: LakebaseClient, old: String, new: String) async throws {
    // snippet.transfer
    let ownership = Ownership(client: lakebase)
    let plan = try await ownership.planTransfer(from: old, to: new, schema: "app")
    for statement in plan.statements { print(statement) }
    try await ownership.transfer(from: old, to: new, schema: "app")
    // snippet.end
}

func grant(lakebase: LakebaseClient, app: String) async throws {
    // snippet.grant
    let grants = GrantManager(client: lakebase)
    let set = GrantSet(
        .app, role: app, database: "databricks_postgres", schema: "app", creators: ["app_owner"])
    try await grants.apply(set)
    let missing = try await grants.verify(set)
    // snippet.end
    precondition(missing.isEmpty)
}

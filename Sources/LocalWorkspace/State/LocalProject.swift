//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// The project with which a workspace begins.
package enum LocalProject {
    package static let projectID = "local"
    static let databaseID = "databricks-postgres"
    /// The name of the folder of its first branch.
    package static let folder = "production"

    package static let projectName = "projects/\(projectID)"
    static let branchName = ResourceName.branch(projectID, ResourceName.rootBranch)
    package static let endpointName = "\(branchName)/endpoints/\(ResourceName.primaryEndpoint)"

    /// Adds the project to a state that has none; its data directory exists.
    package static func adopt(into inventory: inout WorkspaceState, state: LocalState, postgresMajor: Int) {
        let (now, mark) = (state.createdAt, state.accountID.prefix(8))
        inventory.projects[Self.projectID] = ProjectRecord(
            id: Self.projectID, uid: state.accountID, createTime: now, updateTime: now, displayName: Self.projectID,
            postgresMajor: postgresMajor, retentionSeconds: 604_800, defaults: ComputeSettings(),
            defaultBranch: ResourceName.rootBranch, nativeLogin: false, tags: [], owner: state.developer,
            instance: InstanceSettings()
        )
        inventory.branches[Self.branchName] = BranchRecord(
            name: Self.branchName, project: Self.projectID, id: ResourceName.rootBranch,
            uid: "br-local-\(ResourceName.rootBranch)-\(mark)", folder: Self.folder, createTime: now, updateTime: now,
            state: .ready, stateTime: now, isProtected: false
        )
        // Where it listened before there was a store.
        let address = state.endpoints?[Self.endpointName]
        inventory.endpoints[Self.endpointName] = EndpointRecord(
            name: Self.endpointName, branch: Self.branchName, id: ResourceName.primaryEndpoint,
            uid: "ep-local-\(ResourceName.primaryEndpoint)-\(mark)", createTime: now, updateTime: now,
            settings: ComputeSettings(), disabled: false, address: address?.address ?? "", port: address?.port ?? 0
        )
        let developer = RoleRecord(
            name: "\(Self.branchName)/roles/developer", branch: Self.branchName, id: "developer", createTime: now,
            updateTime: now, postgresRole: state.developer, identity: .user, login: .oauth, isSuperuser: true,
            createsDatabases: true, createsRoles: true, bypassesRowSecurity: true
        )
        let app = RoleRecord(
            // An id has to begin with a letter.
            name: "\(Self.branchName)/roles/sp-\(state.applicationID)", branch: Self.branchName,
            id: "sp-\(state.applicationID)", createTime: now, updateTime: now, postgresRole: state.applicationID,
            identity: .servicePrincipal, login: .oauth, isSuperuser: false, createsDatabases: false,
            createsRoles: false, bypassesRowSecurity: false
        )
        for role in [developer, app] { inventory.roles[role.name] = role }
        let database = DatabaseRecord(initialOn: Self.branchName, owner: developer.name, now: now)
        inventory.databases[database.name] = database
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Foundation

/// All resources of the workspace: a value that follows the service's rules, without a clock, files or servers.
///
/// ``handle(_:_:)`` takes a request and changes the value or refuses; the remaining work outside is in the operation
/// that it returns. ``complete(_:failure:at:)`` takes what became of that.
package struct WorkspaceState: Equatable, Sendable {
    /// The projects by id.
    package var projects: [String: ProjectRecord] = [:]
    /// The branches by name.
    package var branches: [String: BranchRecord] = [:]
    /// The endpoints by name.
    package var endpoints: [String: EndpointRecord] = [:]
    /// The roles by name.
    package var roles: [String: RoleRecord] = [:]
    /// The databases by name.
    package var databases: [String: DatabaseRecord] = [:]
    /// The operations in progress, by name.
    package var operations: [String: OperationRecord] = [:]

    /// The facts on which a decision depends besides the resources.
    package struct Context: Sendable {
        package var now: Date
        /// The caller.
        package var caller: LocalIdentity
        /// The major versions of PostgreSQL that are installed, the newest first.
        package var postgresMajors: [Int]
        package var names: NameSource

        package init(now: Date, caller: LocalIdentity, postgresMajors: [Int], names: NameSource) {
            self.now = now
            self.caller = caller
            self.postgresMajors = postgresMajors
            self.names = names
        }
    }

    /// How long a deleted project or branch can be restored.
    ///
    /// The service's own period is not documented.
    static let gracePeriod: TimeInterval = 7 * 86_400

    /// Decides on a request.
    package mutating func handle(_ event: ResourceEvent, _ context: inout Context) throws(APIFailure) -> OperationRecord
    {
        switch event {
        case .createProject(let id, let body): try self.createProject(id, body, &context)
        case .updateProject(let id, let body, let mask): try self.updateProject(id, body, mask, &context)
        case .deleteProject(let id, let purge): try self.deleteProject(id, purge: purge, &context)
        case .undeleteProject(let id): try self.undeleteProject(id, &context)
        case .createBranch(let request): try self.createBranch(request, &context)
        case .updateBranch(let name, let body, let mask): try self.updateBranch(name, body, mask, &context)
        case .deleteBranch(let name, let purge): try self.deleteBranch(name, purge: purge, &context)
        case .undeleteBranch(let name): try self.undeleteBranch(name, &context)
        case .createEndpoint(let branch, let id, let body, let replace):
            try self.createEndpoint(branch, id, body, replace: replace, &context)
        case .updateEndpoint(let name, let body, let mask): try self.updateEndpoint(name, body, mask, &context)
        case .deleteEndpoint(let name): try self.deleteEndpoint(name, &context)
        case .createRole(let branch, let id, let body, let replace):
            try self.createRole(branch, id, body, replace: replace, &context)
        case .updateRole(let name, let body, let mask): try self.updateRole(name, body, mask, &context)
        case .deleteRole(let name, let heir): try self.deleteRole(name, heir: heir, &context)
        case .createDatabase(let branch, let id, let body, let replace):
            try self.createDatabase(branch, id, body, replace: replace, &context)
        case .updateDatabase(let name, let body, let mask): try self.updateDatabase(name, body, mask, &context)
        case .deleteDatabase(let name): try self.deleteDatabase(name, &context)
        case .createInstance(let body): try self.createInstance(body, &context)
        case .updateInstance(let name, let body, let mask): try self.updateInstance(name, body, mask, &context)
        case .deleteInstance(let name, let force): try self.deleteInstance(name, force: force, &context)
        case .expire(let name): try self.expire(name, &context)
        }
    }

    /// The major version of PostgreSQL of a project; 0 if there is none.
    package func postgresMajor(of project: String) -> Int { self.projects[project]?.postgresMajor ?? 0 }

    // MARK: Looking things up; the missing ancestor is reported first, as the service does

    package func project(_ id: String) throws(APIFailure) -> ProjectRecord {
        guard let project = self.projects[id] else { throw .notFound("project id not found") }
        return project
    }

    /// A project that is not deleted.
    package func liveProject(_ id: String) throws(APIFailure) -> ProjectRecord {
        let project = try self.project(id)
        // As if it were not there: only the project itself can still be seen.
        guard project.deleteTime == nil else { throw .notFound("project id not found") }
        return project
    }

    package func branch(_ name: String) throws(APIFailure) -> BranchRecord {
        _ = try self.project(ResourceName.projectID(of: name))
        guard let branch = self.branches[name] else { throw .notFound("branch id not found") }
        return branch
    }

    /// A branch that is not deleted, in a project that is not.
    package func liveBranch(_ name: String) throws(APIFailure) -> BranchRecord {
        _ = try self.liveProject(ResourceName.projectID(of: name))
        let branch = try self.branch(name)
        guard !branch.isDeleted else { throw .notFound("branch id not found") }
        return branch
    }

    package func endpoint(_ name: String) throws(APIFailure) -> EndpointRecord {
        try self.child(name, in: self.endpoints, "endpoint")
    }

    package func role(_ name: String) throws(APIFailure) -> RoleRecord {
        try self.child(name, in: self.roles, "role")
    }

    package func database(_ name: String) throws(APIFailure) -> DatabaseRecord {
        try self.child(name, in: self.databases, "database")
    }

    /// A record below a branch that is not deleted.
    private func child<Record>(
        _ name: String, in records: [String: Record], _ kind: String
    ) throws(APIFailure) -> Record {
        _ = try self.liveBranch(ResourceName.parent(of: name))
        guard let record = records[name] else { throw .notFound("\(kind) id not found") }
        return record
    }

    package func branches(of project: String) -> [BranchRecord] {
        self.branches.values.filter { $0.project == project }
            .sorted { ($0.createTime, $0.name) < ($1.createTime, $1.name) }
    }

    package func endpoints(of branch: String) -> [EndpointRecord] {
        self.endpoints.values.filter { $0.branch == branch }.sorted { $0.name < $1.name }
    }

    package func roles(of branch: String) -> [RoleRecord] {
        self.roles.values.filter { $0.branch == branch }.sorted { $0.name < $1.name }
    }

    package func databases(of branch: String) -> [DatabaseRecord] {
        self.databases.values.filter { $0.branch == branch }.sorted { $0.name < $1.name }
    }

    /// The read-write endpoint, which every branch has.
    package func writer(of branch: String) -> EndpointRecord? {
        self.endpoints.values.first { $0.branch == branch && !$0.isReadOnly }
    }

    /// The id and folder of an endpoint's compute: a branch's writer works on the branch itself.
    package func place(of endpoint: EndpointRecord) -> ComputeLocation? {
        if endpoint.isReadOnly { return ComputeLocation(uid: endpoint.uid, folder: endpoint.uid) }
        return self.branches[endpoint.branch].map { ComputeLocation(uid: $0.uid, folder: $0.folder) }
    }

    /// The folders of a branch and its endpoints; followers come first.
    func places(of branch: BranchRecord) -> [ComputeLocation] {
        self.endpoints(of: branch.name).filter(\.isReadOnly).map { ComputeLocation(uid: $0.uid, folder: $0.uid) }
            + [ComputeLocation(uid: branch.uid, folder: branch.folder)]
    }

    /// The root branch with which a project began.
    package func root(of project: String) -> BranchRecord? {
        self.branches[ResourceName.branch(project, ResourceName.rootBranch)]
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation

/// The rules for database instances, which are projects seen through the older API (reference: Database API).
///
/// A project that the Postgres API made is none: programs look for an instance of a name first, and for a project if
/// there is none.
extension WorkspaceState {
    private static let capacities: [String: Double] = ["CU_1": 1, "CU_2": 2, "CU_4": 4, "CU_8": 8]

    package func instance(_ name: String) throws(APIFailure) -> ProjectRecord {
        guard let project = self.projects[name], self.isInstance(project) else {
            throw .notFound("Database instance '\(name)' not found.")
        }
        return project
    }

    package var instances: [ProjectRecord] { self.projects.values.filter(self.isInstance) }

    private func isInstance(_ project: ProjectRecord) -> Bool {
        project.deleteTime == nil && project.instance.isNone != true
    }

    /// The child projects of an instance.
    func children(of instance: String) -> [ProjectRecord] {
        self.projects.values.filter { $0.instance.parent == instance && $0.deleteTime == nil }.sorted { $0.id < $1.id }
    }

    mutating func createInstance(
        _ body: Database.Instance, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        let name = try ResourceName.requireID(body.name, field: "name")
        guard self.projects[name] == nil else {
            throw APIFailure(409, "ALREADY_EXISTS", "Database instance '\(name)' already exists.")
        }
        var project = ProjectRecord(id: name, context: &context)
        var disabled = false
        try Self.apply(body, Set(MaskTable.instance.leaves.map(\.path)), to: &project, disabled: &disabled, isNew: true)
        var parent: BranchRecord?
        if let reference = body.parentInstanceRef { parent = try self.parent(reference) }
        var branch = BranchRecord(root: project, isProtected: false, context: &context)
        branch.sourceTime = parent == nil ? nil : context.now
        if let parent {
            project.instance.parent = parent.project
            // A copy of its data.
            project.postgresMajor = self.postgresMajor(of: parent.project)
        }
        let work: OperationTask
        var shared: [String] = []
        if let parent {
            work = .copyBranch(
                source: parent.name, branch: branch.name, newPasswords: parent.isProtected, project: name)
            shared = [parent.name]
        } else {
            work = .makeProject(id: name)
        }
        let operation = try self.begin(
            work, kind: "Project", target: project.name, shared: shared, exclusive: [project.name, branch.name],
            &context
        )
        self.projects[name] = project
        self.branches[branch.name] = branch
        self.addEndpoint(to: branch.name, settings: project.defaults, &context)
        for endpoint in self.endpoints(of: branch.name) { self.endpoints[endpoint.name]?.disabled = disabled }
        if let parent {
            self.inherit(from: parent.name, to: branch.name, now: context.now)
        } else {
            let owner = RoleRecord(owner: context.caller, branch: branch.name, now: context.now)
            self.roles[owner.name] = owner
            let database = DatabaseRecord(initialOn: branch.name, owner: owner.name, now: context.now)
            self.databases[database.name] = database
        }
        return operation
    }

    private func parent(_ reference: Database.InstanceRef) throws(APIFailure) -> BranchRecord {
        if reference.lsn != nil || reference.branchTime != nil {
            throw .notEmulated(
                "A child instance from a point in time; one from its parent's head works")
        }
        let project =
            reference.name.flatMap { self.projects[$0] }
            ?? self.projects.values.first { $0.uid == reference.uid && reference.uid != nil }
        guard let project, self.isInstance(project), let root = self.root(of: project.id) else {
            throw .notFound("Database instance '\(reference.name ?? reference.uid ?? "")' not found.")
        }
        guard root.state == .ready else {
            throw APIFailure(409, "ABORTED", "Database instance '\(project.id)' is not available yet; try again.")
        }
        return root
    }

    mutating func updateInstance(
        _ name: String, _ body: Database.Instance, _ mask: RequestedFields, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        var project = try self.instance(name)
        guard let root = self.root(of: name), var endpoint = self.writer(of: root.name) else {
            throw .notFound("Database instance '\(name)' not found.")
        }
        // Clients of this API send '*' and leave out what they do not change.
        let selected: Set<String> =
            mask.isOnly("*")
            ? Set(MaskTable.instance.leaves.filter { mask.has($0) }.map(\.path)) : try mask.select(from: .instance)
        var disabled = endpoint.disabled
        try Self.apply(body, selected, to: &project, disabled: &disabled, isNew: false)
        endpoint.disabled = disabled
        if selected.contains("capacity") { endpoint.settings = project.defaults }
        endpoint.updateTime = context.now
        project.updateTime = context.now
        let operation = try self.begin(
            .settleEndpoint(endpoint.name), kind: "Project", target: project.name, shared: [root.name],
            exclusive: [project.name, endpoint.name], &context
        )
        self.projects[name] = project
        self.endpoints[endpoint.name] = endpoint
        return operation
    }

    private static func apply(
        _ body: Database.Instance, _ selected: Set<String>, to project: inout ProjectRecord, disabled: inout Bool,
        isNew: Bool
    ) throws(APIFailure) {
        if selected.contains("capacity") {
            guard let capacity = body.capacity ?? (isNew ? "CU_1" : nil), let units = Self.capacities[capacity] else {
                throw .invalid("Field 'capacity' must be one of CU_1, CU_2, CU_4 and CU_8.")
            }
            project.instance.capacity = capacity
            try project.defaults.apply(minimum: units, maximum: units)
        }
        if selected.contains("node_count"), let count = body.nodeCount, count != 1 {
            guard count >= 1 else { throw .invalid("Field 'node_count' must be 1 or more.") }
            throw .notEmulated("An instance of more than one node")
        }
        if selected.contains("enable_readable_secondaries"), body.enableReadableSecondaries == true {
            throw .notEmulated("An instance with readable secondaries")
        }
        if selected.contains("stopped"), let stopped = body.stopped { disabled = stopped }
        if selected.contains("enable_pg_native_login"), let native = body.enablePgNativeLogin {
            project.nativeLogin = native
        }
        if selected.contains("retention_window_in_days"), let days = body.retentionWindowInDays {
            guard (2...35).contains(days) else { throw .invalid("Field 'retention_window_in_days' must be 2 to 35.") }
            project.retentionSeconds = days * 86_400
        }
        if selected.contains("usage_policy_id") { project.instance.usagePolicy = body.usagePolicyID }
        if selected.contains("custom_tags") {
            project.tags = (body.customTags ?? []).map { .init(key: $0.key ?? "", value: $0.value ?? "") }
        }
    }

    mutating func deleteInstance(
        _ name: String, force: Bool, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        let project = try self.instance(name)
        var family = [project]
        var index = 0
        while index < family.count {
            family += self.children(of: family[index].id).filter { child in !family.contains { $0.id == child.id } }
            index += 1
        }
        guard family.count == 1 || force else {
            throw APIFailure(
                400, "BAD_REQUEST",
                "Database instance '\(name)' has child instances (\(family.dropFirst().map(\.id).joined(separator: ", "))); "
                    + "delete them first or use force=true."
            )
        }
        let branches = family.flatMap { self.branches(of: $0.id) }
        if let protected = branches.first(where: { $0.isProtected && !$0.isDeleted }) {
            throw APIFailure(400, "BAD_REQUEST", "cannot delete project with protected branch '\(protected.id)'")
        }
        let operation = try self.begin(
            .purge(branches.flatMap { self.places(of: $0) }), kind: "Project",
            target: project.name, exclusive: family.map(\.name) + branches.map(\.name), &context
        )
        for member in family { self.forgetProject(member.id) }
        return operation
    }
}

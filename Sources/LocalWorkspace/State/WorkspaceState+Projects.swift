//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import LocalGround

/// The rules for projects (reference: Project).
extension WorkspaceState {
    mutating func createProject(
        _ id: String?, _ body: Postgres.Project, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        let id = try ResourceName.requireID(id, field: "project_id")
        try self.requireNoProject(id)
        var project = ProjectRecord(id: id, context: &context)
        project.instance.isNone = true
        if let spec = body.spec { try Self.apply(spec, to: &project, context) }
        var settings = project.defaults
        if let wanted = body.initialEndpointSpec {
            try settings.apply(minimum: wanted.autoscalingLimitMinCU, maximum: wanted.autoscalingLimitMaxCU)
            try settings.applySuspension(wanted.suspendTimeoutDuration, wanted.noSuspension)
            try Self.requireSingleCompute(wanted.group)
        }
        let branch = BranchRecord(
            root: project, isProtected: body.initialBranchSpec?.isProtected ?? false, context: &context
        )
        self.projects[id] = project
        self.branches[branch.name] = branch
        self.addEndpoint(to: branch.name, settings: settings, &context)
        let owner = RoleRecord(owner: context.caller, branch: branch.name, now: context.now)
        self.roles[owner.name] = owner
        let database = DatabaseRecord(initialOn: branch.name, owner: owner.name, now: context.now)
        self.databases[database.name] = database
        return try self.begin(
            .makeProject(id: id), kind: "Project", target: project.name, exclusive: [project.name, branch.name],
            &context
        )
    }

    func requireNoProject(_ id: String) throws(APIFailure) {
        guard self.projects[id] == nil else {
            throw APIFailure(409, "ALREADY_EXISTS", "project with such id already exists in the workspace")
        }
    }

    /// The settings of a new project.
    static func apply(
        _ spec: Postgres.ProjectSpec, to project: inout ProjectRecord, _ context: Context
    ) throws(APIFailure) {
        project.requestedVersion = spec.pgVersion
        if let version = spec.pgVersion {
            if let installed = context.postgresMajors.first(where: { Int64($0) == version }) {
                project.postgresMajor = installed
            } else if !PostgresConventions.servedVersions.contains(version) {
                throw .invalid(
                    "Field 'project.spec.pg_version' is \(version); use 16, 17 or 18, or leave it out. Installed here: "
                        + "PostgreSQL \(context.postgresMajors.map(String.init).joined(separator: ", ")).")
            }
        }
        if let name = spec.displayName { project.displayName = try Self.displayName(name) }
        if let duration = spec.historyRetentionDuration { project.retentionSeconds = try Self.retention(duration) }
        if let settings = spec.defaultEndpointSettings { try project.defaults.apply(settings) }
        if let branch = spec.defaultBranch, branch != ResourceName.branch(project.id, ResourceName.rootBranch) {
            throw .invalid("Field 'project.spec.default_branch' of a new project can only be its production branch.")
        }
        if let native = spec.enablePgNativeLogin { project.nativeLogin = native }
        project.budgetPolicy = spec.budgetPolicyID
        if let tags = spec.customTags { project.tags = try Self.tags(tags) }
    }

    mutating func updateProject(
        _ id: String, _ body: Postgres.Project, _ mask: RequestedFields, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        var project = try self.liveProject(id)
        let selected = try mask.select(from: .project)
        let spec = body.spec ?? Postgres.ProjectSpec()
        if selected.contains("spec.display_name"), let name = spec.displayName {
            project.displayName = try Self.displayName(name)
        }
        if selected.contains("spec.history_retention_duration"), let duration = spec.historyRetentionDuration {
            project.retentionSeconds = try Self.retention(duration)
        }
        try Self.applyDefaults(spec.defaultEndpointSettings ?? .init(), selected, to: &project.defaults)
        if selected.contains("spec.default_branch"), let name = spec.defaultBranch {
            project.defaultBranch = try self.newDefaultBranch(name, of: project)
        }
        if selected.contains("spec.enable_pg_native_login"), let native = spec.enablePgNativeLogin {
            project.nativeLogin = native
        }
        if selected.contains("spec.budget_policy_id") { project.budgetPolicy = spec.budgetPolicyID }
        if selected.contains("spec.custom_tags") { project.tags = try Self.tags(spec.customTags ?? []) }
        project.updateTime = context.now
        let operation = try self.begin(
            .nothing, kind: "Project", target: project.name, exclusive: [project.name], &context
        )
        self.projects[id] = project
        return operation
    }

    private static func applyDefaults(
        _ wanted: Postgres.DefaultEndpointSettings, _ selected: Set<String>, to defaults: inout ComputeSettings
    ) throws(APIFailure) {
        let prefix = "spec.default_endpoint_settings."
        let chosen = Set(selected.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
        try defaults.apply(
            chosen, minimum: wanted.autoscalingLimitMinCU, maximum: wanted.autoscalingLimitMaxCU,
            suspend: wanted.suspendTimeoutDuration, never: wanted.noSuspension, parameters: wanted.pgSettings
        )
    }

    private func newDefaultBranch(_ name: String, of project: ProjectRecord) throws(APIFailure) -> String {
        guard name.hasPrefix(project.name + "/branches/") else {
            throw .invalid("Field 'project.spec.default_branch' must be a branch of \(project.name), got '\(name)'.")
        }
        let branch = try self.liveBranch(name)
        guard branch.expireTime == nil else {
            throw .invalid("A branch that expires cannot be the default branch; give it no_expiry first.")
        }
        guard branch.state == .ready else { throw .invalid("The branch '\(name)' is not ready yet.") }
        return branch.id
    }

    mutating func deleteProject(
        _ id: String, purge: Bool, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        var project = try purge ? self.project(id) : self.liveProject(id)
        let branches = self.branches(of: id)
        if let protected = branches.first(where: { $0.isProtected && !$0.isDeleted }) {
            throw APIFailure(400, "BAD_REQUEST", "cannot delete project with protected branch '\(protected.id)'")
        }
        let names = [project.name] + branches.map(\.name)
        if purge {
            let operation = try self.begin(
                .purge(branches.flatMap { self.places(of: $0) }), kind: "Project",
                target: project.name, exclusive: names, &context
            )
            self.forgetProject(id)
            return operation
        }
        project.deleteTime = context.now
        project.purgeTime = context.now.addingTimeInterval(Self.gracePeriod)
        let operation = try self.begin(
            .close(uids: branches.flatMap { self.places(of: $0).map(\.uid) }), kind: "Project", target: project.name,
            exclusive: names, &context
        )
        self.projects[id] = project
        return operation
    }

    mutating func undeleteProject(_ id: String, _ context: inout Context) throws(APIFailure) -> OperationRecord {
        var project = try self.project(id)
        guard project.deleteTime != nil else {
            throw APIFailure(400, "BAD_REQUEST", "project is not deleted")
        }
        project.deleteTime = nil
        project.purgeTime = nil
        project.updateTime = context.now
        let live = self.branches(of: id).filter { !$0.isDeleted }.map(\.name)
        let operation = try self.begin(
            .reopen(branches: live), kind: "Project", target: project.name, exclusive: [project.name] + live, &context
        )
        self.projects[id] = project
        return operation
    }

    // MARK: Values

    private static func displayName(_ name: String) throws(APIFailure) -> String {
        guard (1...256).contains(name.unicodeScalars.count) else {
            throw .invalid("Field 'project.spec.display_name' must have 1 to 256 characters.")
        }
        return name
    }

    private static func retention(_ duration: ProtobufDuration) throws(APIFailure) -> Int64 {
        guard duration.duration >= .seconds(172_800), duration.duration <= .seconds(3_024_000) else {
            throw .invalid(
                "Field 'project.spec.history_retention_duration' must be between 172800s and 3024000s, got '\(duration)'."
            )
        }
        return duration.duration.components.seconds
    }

    private static func tags(_ tags: [Postgres.CustomTag]) throws(APIFailure) -> [ProjectRecord.Tag] {
        var kept: [ProjectRecord.Tag] = []
        for tag in tags {
            guard let key = tag.key, !key.isEmpty else { throw .invalid("A custom tag needs a key.") }
            guard !kept.contains(where: { $0.key == key }) else {
                throw .invalid("The custom tag '\(key)' is given twice.")
            }
            kept.append(ProjectRecord.Tag(key: key, value: tag.value ?? ""))
        }
        return kept
    }
}

extension ProjectRecord {
    /// A new project of the caller.
    init(id: String, context: inout WorkspaceState.Context) {
        self.init(
            id: id, uid: context.names.uuid(), createTime: context.now, updateTime: context.now, displayName: id,
            postgresMajor: context.postgresMajors.first ?? PostgresConventions.oldestVersion,
            retentionSeconds: 604_800, defaults: ComputeSettings(),
            defaultBranch: ResourceName.rootBranch, nativeLogin: false, tags: [],
            owner: context.caller.userName, instance: InstanceSettings()
        )
    }
}

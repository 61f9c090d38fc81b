//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
package import Foundation

/// The rules for branches (reference: Branch).
extension WorkspaceState {
    private static let longestLife = Duration.seconds(30 * 86_400)

    mutating func createBranch(
        _ request: ResourceEvent.BranchRequest, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        let project = try self.liveProject(request.project)
        let id = try ResourceName.requireID(request.id, field: "branch_id")
        let name = ResourceName.branch(project.id, id)
        if let existing = self.branches[name], !existing.isDeleted {
            guard request.replace else { throw Self.branchExists(id) }
            return try self.replaceBranch(existing, request.body.spec ?? .init(), &context)
        }
        let spec = request.body.spec ?? Postgres.BranchSpec()
        let source = try self.source(of: spec, in: project)
        let isProtected = spec.isProtected ?? false
        let expiry = try Self.expiry(spec, now: context.now)
        if isProtected, expiry != nil { throw Self.protectedExpires }
        let uid = context.names.uid("br")
        let branch = BranchRecord(
            name: name, project: project.id, id: id, uid: uid, folder: uid, createTime: context.now,
            updateTime: context.now, state: .creating, stateTime: context.now, isProtected: isProtected,
            expireTime: expiry, source: source.name, sourceTime: context.now
        )
        // The name of a deleted branch is free; once it is used again, the branch cannot be restored.
        if let deleted = self.branches[name] { try self.clear(deleted, &context) }
        let operation = try self.begin(
            .copyBranch(source: source.name, branch: name, newPasswords: source.isProtected, project: nil),
            kind: "Branch", target: name, shared: [project.name, source.name], exclusive: [name], &context
        )
        self.branches[name] = branch
        self.addEndpoint(to: name, settings: project.defaults, &context)
        self.inherit(from: source.name, to: name, now: context.now)
        return operation
    }

    /// The error for an existing branch: five public reports of 2026 show this text, with 400 where similar errors are
    /// 409.
    private static func branchExists(_ id: String) -> APIFailure {
        var failure = APIFailure(400, "BAD_REQUEST", "branch already exists; branch_name:\"\(id)\"")
        failure.isTraced = true
        return failure
    }

    /// Purges a deleted branch, by an operation that does not reserve its name.
    private mutating func clear(_ branch: BranchRecord, _ context: inout Context) throws(APIFailure) {
        // Its deletion has to be done.
        try self.requireFree([.init(resource: branch.name, isExclusive: true)])
        _ = try self.begin(
            .purge(self.places(of: branch)), kind: "Branch", target: branch.name, exclusive: [], &context)
        self.forgetBranch(branch.name)
    }

    /// Copies the roles and databases of a branch's source to it.
    mutating func inherit(from source: String, to branch: String, now: Date) {
        for var role in self.roles(of: source) where !self.isChanging(role.name) {
            role.branch = branch
            role.name = "\(branch)/roles/\(role.id)"
            (role.createTime, role.updateTime) = (now, now)
            self.roles[role.name] = role
        }
        for var database in self.databases(of: source) where !self.isChanging(database.name) {
            database.branch = branch
            database.name = "\(branch)/databases/\(database.id)"
            database.role = "\(branch)/roles/\(ResourceName.id(of: database.role))"
            (database.createTime, database.updateTime) = (now, now)
            self.databases[database.name] = database
        }
    }

    private mutating func replaceBranch(
        _ existing: BranchRecord, _ spec: Postgres.BranchSpec, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        if let source = spec.sourceBranch, source != existing.source {
            throw .invalid("Field 'branch.spec.source_branch' of a branch that exists cannot be changed.")
        }
        var branch = existing
        branch.isProtected = spec.isProtected ?? false
        branch.expireTime = try Self.expiry(spec, now: context.now)
        return try self.change(branch, &context)
    }

    /// The branch to start from, at its head: no other point in time is available.
    private func source(of spec: Postgres.BranchSpec, in project: ProjectRecord) throws(APIFailure) -> BranchRecord {
        if spec.sourceSnapshot != nil {
            guard spec.sourceBranch == nil, spec.sourceBranchLSN == nil, spec.sourceBranchTime == nil else {
                throw .invalid("Field 'source_snapshot' excludes the other fields of a source.")
            }
            throw .notEmulated("A branch from a snapshot")
        }
        if spec.sourceBranchLSN != nil || spec.sourceBranchTime != nil {
            throw .notEmulated("A branch from a point in time; one from its source's head works")
        }
        let name = spec.sourceBranch ?? ResourceName.branch(project.id, project.defaultBranch)
        guard name.hasPrefix(project.name + "/branches/"), name.split(separator: "/").count == 4 else {
            throw .invalid("source_branch field must point to the branch from the same Project")
        }
        let source = try self.liveBranch(name)
        guard source.state == .ready else {
            throw APIFailure(409, "ABORTED", "\(name) is under reconciliation; wait until it is ready and try again.")
        }
        return source
    }

    /// The expiry time of a branch; `nil` for never.
    private static func expiry(_ spec: Postgres.BranchSpec, now: Date) throws(APIFailure) -> Date? {
        let given = [spec.ttl != nil, spec.expireTime != nil, spec.noExpiry != nil].filter { $0 }.count
        guard given <= 1 else { throw .invalid("Only one of 'ttl', 'expire_time' and 'no_expiry' may be given.") }
        guard given == 1 else {
            throw .invalid("Expiration must be specified when creating a branch")
        }
        if let noExpiry = spec.noExpiry {
            guard noExpiry else {
                throw .invalid("Field 'branch.spec.no_expiry' can only be true; leave it out otherwise.")
            }
            return nil
        }
        let life: Duration
        if let ttl = spec.ttl {
            life = ttl.duration
        } else if let time = spec.expireTime {
            life = .seconds(time.timeIntervalSince(now))
        } else {
            return nil
        }
        guard life <= Self.longestLife else {
            throw .invalid("expiration time exceeds the maximum expiration time of 30 days (2592000s)")
        }
        guard life > .zero else { throw .invalid("A branch must expire in the future.") }
        let parts = life.components
        return spec.expireTime ?? now.addingTimeInterval(Double(parts.seconds) + Double(parts.attoseconds) / 1e18)
    }

    private static var protectedExpires: APIFailure {
        .invalid("A protected branch cannot expire; give it no_expiry.")
    }

    mutating func updateBranch(
        _ name: String, _ body: Postgres.Branch, _ mask: RequestedFields, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        var branch = try self.liveBranch(name)
        let selected = try mask.select(from: .branch)
        let spec = body.spec ?? Postgres.BranchSpec()
        if selected.contains("spec.is_protected"), let isProtected = spec.isProtected {
            branch.isProtected = isProtected
        }
        if selected.contains("spec.expiration") { branch.expireTime = try Self.expiry(spec, now: context.now) }
        return try self.change(branch, &context)
    }

    private mutating func change(
        _ changed: BranchRecord, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        var branch = changed
        if branch.expireTime != nil {
            if branch.isProtected { throw Self.protectedExpires }
            let project = try self.project(branch.project)
            if project.defaultBranch == branch.id { throw .invalid("The default branch cannot expire.") }
            if branch.source == nil { throw .invalid("The root branch cannot expire.") }
        }
        branch.updateTime = context.now
        let operation = try self.begin(
            .nothing, kind: "Branch", target: branch.name, exclusive: [branch.name], &context
        )
        self.branches[branch.name] = branch
        return operation
    }

    mutating func deleteBranch(
        _ name: String, purge: Bool, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        let branch = try purge ? self.branch(name) : self.liveBranch(name)
        let project = try self.project(branch.project)
        if branch.source == nil || branch.id == ResourceName.rootBranch {
            throw APIFailure(
                400, "BAD_REQUEST",
                "Cannot delete root branch '\(branch.name)'. Root branches cannot be deleted independently.",
                details: [APIFailure.managedByParent]
            )
        }
        if branch.isProtected { throw APIFailure(400, "BAD_REQUEST", "cannot delete protected branch") }
        if project.defaultBranch == branch.id {
            throw APIFailure(400, "BAD_REQUEST", "cannot delete default branch; make another one the default first")
        }
        if let child = self.branches(of: project.id).first(where: { $0.source == name && !$0.isDeleted }) {
            throw APIFailure(400, "BAD_REQUEST", "cannot delete branch with children: '\(child.id)' comes from it")
        }
        if purge { return try self.purgeBranch(branch, &context) }
        var deleted = branch
        deleted.deleteTime = context.now
        deleted.purgeTime = context.now.addingTimeInterval(Self.gracePeriod)
        deleted.stateTime = context.now
        let operation = try self.begin(
            .close(uids: self.places(of: branch).map(\.uid)), kind: "Branch", target: name, exclusive: [name], &context
        )
        self.branches[name] = deleted
        return operation
    }

    private mutating func purgeBranch(
        _ branch: BranchRecord, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        let operation = try self.begin(
            .purge(self.places(of: branch)), kind: "Branch", target: branch.name,
            exclusive: [branch.name], &context
        )
        self.forgetBranch(branch.name)
        return operation
    }

    mutating func undeleteBranch(_ name: String, _ context: inout Context) throws(APIFailure) -> OperationRecord {
        var branch = try self.branch(name)
        _ = try self.liveProject(branch.project)
        guard branch.isDeleted else { throw APIFailure(400, "BAD_REQUEST", "branch is not deleted") }
        branch.deleteTime = nil
        branch.purgeTime = nil
        branch.stateTime = context.now
        branch.updateTime = context.now
        if let expiry = branch.expireTime, expiry <= context.now { branch.expireTime = nil }
        let operation = try self.begin(
            .reopen(branches: [name]), kind: "Branch", target: name, exclusive: [name], &context
        )
        self.branches[name] = branch
        return operation
    }

    // MARK: Ends

    /// The resources that expire, with the times.
    package var deadlines: [(name: String, time: Date)] {
        var deadlines: [(name: String, time: Date)] = []
        for branch in self.branches.values {
            if let time = branch.purgeTime ?? branch.expireTime { deadlines.append((branch.name, time)) }
        }
        for project in self.projects.values {
            if let time = project.purgeTime { deadlines.append((project.name, time)) }
        }
        return deadlines.sorted { $0.time < $1.time }
    }

    /// Removes a branch or project that has expired.
    mutating func expire(_ name: String, _ context: inout Context) throws(APIFailure) -> OperationRecord {
        if let branch = self.branches[name] {
            guard let time = branch.purgeTime ?? branch.expireTime, time <= context.now else {
                throw .notFound("branch is not due")
            }
            // Its children are whole copies; they continue without it.
            return try self.purgeBranch(branch, &context)
        }
        let project = try self.project(ResourceName.projectID(of: name))
        guard let time = project.purgeTime, time <= context.now else { throw .notFound("project is not due") }
        return try self.deleteProject(project.id, purge: true, &context)
    }
}

extension BranchRecord {
    /// The first branch of a new project.
    init(root project: ProjectRecord, isProtected: Bool, context: inout WorkspaceState.Context) {
        let uid = context.names.uid("br")
        self.init(
            name: ResourceName.branch(project.id, ResourceName.rootBranch), project: project.id,
            id: ResourceName.rootBranch, uid: uid, folder: uid, createTime: context.now, updateTime: context.now,
            state: .creating, stateTime: context.now, isProtected: isProtected
        )
    }
}

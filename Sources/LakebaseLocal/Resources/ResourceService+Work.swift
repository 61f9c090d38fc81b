//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import LocalPostgres
import LocalWorkspace
import Logging
import PostgresGateway

/// The work of operations outside of the store; each step may have been done before.
extension ResourceService {
    func perform(_ work: OperationTask, isResumed: Bool) async throws {
        switch work {
        case .nothing: return
        case .makeProject(let id): try await self.makeProject(id)
        case .copyBranch(let source, let branch, let newPasswords, let project):
            try await self.copyBranch(source, to: branch, newPasswords: newPasswords, project: project)
        case .settleEndpoint(let name): try await self.settleEndpoint(name)
        case .openEndpoint(let name):
            try await self.openEndpoint(name)
            await self.startCompute(ofEndpoint: name)
        case .makeRole(let name):
            let role = try self.view.inventory.role(name)
            let password = role.login == .password ? try self.makePassword(ofRole: name) : nil
            try await self.administrate(role.branch) { administration in
                try await administration.make(role, password: password, mayExist: isResumed)
            }
        case .changeRole(let previous):
            let role = try self.view.inventory.role(previous.name)
            try await self.administrate(role.branch) { try await $0.alter(role) }
        case .removeRole(let name, let heir):
            let role = try self.view.inventory.role(name)
            let heir = try heir.map { try self.view.inventory.role($0).postgresRole }
            try await self.administrate(role.branch) { try await $0.drop(role: role.postgresRole, heir: heir) }
        case .makeDatabase(let name):
            let database = try self.view.inventory.database(name)
            let owner = try self.view.inventory.role(database.role).postgresRole
            try await self.administrate(database.branch) { administration in
                try await administration.make(database: database.postgresDatabase, owner: owner, mayExist: isResumed)
            }
        case .changeDatabase(let previous):
            let database = try self.view.inventory.database(previous.name)
            let owner = try self.view.inventory.role(database.role).postgresRole
            try await self.administrate(database.branch) { administration in
                try await administration.alter(
                    database: previous.postgresDatabase, name: database.postgresDatabase, owner: owner
                )
            }
        case .removeDatabase(let name):
            let database = try self.view.inventory.database(name)
            try await self.administrate(database.branch) { try await $0.drop(database: database.postgresDatabase) }
        case .close(let uids): for uid in uids { await self.closeCompute(uid) }
        case .reopen(let branches): for branch in branches { try await self.openBranch(branch) }
        case .purge(let folders):
            for folder in folders {
                await self.closeCompute(folder.uid)
                try await self.parts.workshop.remove(folder.folder)
            }
        }
    }

    /// Removes what the work of a failed operation has left.
    func discard(_ work: OperationTask) async {
        let name: String
        switch work {
        case .makeProject(let id): name = ResourceName.branch(id, ResourceName.rootBranch)
        case .copyBranch(_, let branch, _, _): name = branch
        case .openEndpoint(let endpoint):
            if let uid = self.view.inventory.endpoints[endpoint]?.uid { await self.closeCompute(uid) }
            return
        case .nothing, .settleEndpoint, .makeRole, .changeRole, .removeRole, .makeDatabase, .changeDatabase,
            .removeDatabase, .close, .reopen, .purge:
            return
        }
        guard let branch = self.view.inventory.branches[name] else { return }
        await self.closeCompute(branch.uid)
        // What cannot be removed now is swept at the next start.
        try? await self.parts.workshop.remove(branch.folder)
    }

    // MARK: Branches

    private func makeProject(_ id: String) async throws {
        let inventory = self.view.inventory
        let root = try inventory.branch(ResourceName.branch(id, ResourceName.rootBranch))
        guard let owner = inventory.roles(of: root.name).first else {
            throw OperationRecord.Failure(code: "INTERNAL_ERROR", message: "the project has no owner")
        }
        let cluster = try self.parts.workshop.cluster(
            root.folder, major: inventory.postgresMajor(of: root.project))
        try await cluster.bootstrapIfNeeded(
            roles: BootstrapRoles(owner: owner.postgresRole, ownerMarker: (owner.identity ?? .user).marker, app: nil),
            durable: self.parts.workshop.isDurable, templates: UserCache.clusters()
        )
        self.note(size: await ClusterCopy.size(of: cluster.dataFolder), of: root.uid)
        try await self.openBranch(root.name)
        await self.startComputes(of: root.name)
    }

    private func copyBranch(_ source: String, to name: String, newPasswords: Bool, project: String?) async throws {
        let (from, branch) = (try self.view.inventory.branch(source), try self.view.inventory.branch(name))
        let lsn = try await self.copyData(of: from, to: branch)
        try self.change { inventory in
            if let lsn {
                // The root of a project has no source; its project remembers.
                if let project {
                    inventory.projects[project]?.instance.parentLSN = lsn
                } else {
                    inventory.branches[name]?.sourceLSN = lsn
                }
            }
        }
        if !newPasswords { try self.parts.store.copyPasswords(from: source, to: name) }
        try await self.openBranch(name)
        await self.startComputes(of: name)
        guard newPasswords else { return }
        for role in self.view.inventory.roles(of: name) where role.login == .password {
            let password = try self.makePassword(ofRole: role.name)
            try await self.administrate(name) { try await $0.set(password: password, ofRole: role.postgresRole) }
        }
    }

    /// Copies the data; `nil` if they exist from an earlier attempt.
    private func copyData(of source: BranchRecord, to branch: BranchRecord) async throws -> String? {
        let workshop = self.parts.workshop
        let major = self.view.inventory.postgresMajor(of: branch.project)
        let cluster = try workshop.cluster(branch.folder, major: major)
        guard let building = try await cluster.prepareCopy() else { return nil }
        guard let compute = self.parts.fleet.compute(of: source.uid) else {
            throw OperationRecord.Failure(code: "NOT_FOUND", message: "the source branch is gone")
        }
        let from = try workshop.cluster(source.folder, major: major)
        var attempts = 0
        while true {
            do {
                let copied = try await compute.copyData(of: from, to: building, logger: self.parts.logger)
                try cluster.commitCopy()
                self.note(size: copied.summary.bytes, of: branch.uid)
                return copied.lsn
            } catch {
                // The source may have been suspended meanwhile.
                attempts += 1
                try Task.checkCancellation()
                guard attempts < 3 else { throw error }
                _ = try await cluster.prepareCopy()
            }
        }
    }

    /// Stops a compute, and closes its endpoint.
    func closeCompute(_ uid: String) async {
        await self.parts.listeners.close(uid)
        await self.parts.fleet.remove(uid)
    }

    // MARK: Roles and databases

    /// Wakes a branch's compute and runs `body` as its superuser.
    func administrate(
        _ branch: String, _ body: @Sendable (ComputeAdministration) async throws -> Void
    ) async throws {
        let record = try self.view.inventory.liveBranch(branch)
        guard let compute = self.parts.fleet.compute(of: record.uid) else {
            throw OperationRecord.Failure(code: "NOT_FOUND", message: "the branch is gone")
        }
        compute.activity.pin()
        defer { compute.activity.unpin() }
        _ = try await compute.login()
        let administration = try await compute.administrate(logger: self.parts.logger)
        do {
            try await body(administration)
        } catch {
            await administration.close()
            throw error
        }
        await administration.close()
    }
}

extension OperationRecord.Failure {
    /// The failure of an operation for an error.
    init(_ error: any Error) {
        switch error {
        case let failure as OperationRecord.Failure: self = failure
        case let refusal as APIFailure: self.init(code: refusal.code, message: refusal.message)
        case let error as PQError where error.serverMessage != nil:
            let detail = error.detail.map { " (\($0))" } ?? ""
            self.init(code: "BAD_REQUEST", message: (error.serverMessage ?? "") + detail)
        default: self.init(code: "INTERNAL_ERROR", message: "\(error)")
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
package import Foundation

/// Operations: how they begin, what they reserve, and how the resources change when they end.
extension WorkspaceState {
    /// Adds an operation.
    mutating func begin(
        _ work: OperationTask, kind: String, target: String, shared: [String] = [], exclusive: [String],
        _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        let claims =
            shared.map { OperationRecord.Claim(resource: $0, isExclusive: false) }
            + exclusive.map { OperationRecord.Claim(resource: $0, isExclusive: true) }
        try self.requireFree(claims)
        let operation = OperationRecord(
            name: "\(target)/operations/\(context.names.operation())", target: target, kind: kind,
            createTime: context.now, work: work, claims: claims, isDone: false
        )
        self.operations[operation.name] = operation
        return operation
    }

    /// Rejects a change that conflicts with an operation in progress.
    func requireFree(_ claims: [OperationRecord.Claim]) throws(APIFailure) {
        for operation in self.operations.values {
            for claim in operation.claims {
                guard claims.contains(where: { $0.resource == claim.resource && ($0.isExclusive || claim.isExclusive) })
                else { continue }
                throw APIFailure(
                    409, "ABORTED",
                    "\(claim.resource) is under reconciliation (\(operation.name)); wait for it and try again."
                )
            }
        }
    }

    /// Whether an operation in progress has reserved the resource.
    package func isChanging(_ resource: String) -> Bool {
        self.operations.values.contains { $0.claims.contains { $0.isExclusive && $0.resource == resource } }
    }

    /// Handles the end of an operation's work: the resources become what was requested, or what they were before.
    ///
    /// - Returns: The operation, done, without its answer.
    package mutating func complete(
        _ name: String, failure: OperationRecord.Failure?, at now: Date
    ) -> OperationRecord? {
        guard var operation = self.operations.removeValue(forKey: name) else { return nil }
        operation.isDone = true
        operation.failure = failure
        if failure == nil { self.settle(operation.work, at: now) } else { self.undo(operation.work) }
        operation.work = .nothing
        return operation
    }

    private mutating func settle(_ work: OperationTask, at now: Date) {
        switch work {
        case .makeProject(let id):
            self.markReady(ResourceName.branch(id, ResourceName.rootBranch), at: now)
        case .copyBranch(_, let branch, _, _):
            self.markReady(branch, at: now)
        case .removeRole(let name, _): self.roles[name] = nil
        case .removeDatabase(let name): self.databases[name] = nil
        case .nothing, .settleEndpoint, .openEndpoint, .makeRole, .changeRole, .makeDatabase, .changeDatabase, .close,
            .reopen, .purge:
            break
        }
    }

    private mutating func undo(_ work: OperationTask) {
        switch work {
        case .makeProject(let id): self.forgetProject(id)
        case .copyBranch(_, let branch, _, let project):
            if let project { self.forgetProject(project) } else { self.forgetBranch(branch) }
        case .openEndpoint(let name): self.endpoints[name] = nil
        case .makeRole(let name): self.roles[name] = nil
        case .changeRole(let previous): self.roles[previous.name] = previous
        case .makeDatabase(let name): self.databases[name] = nil
        case .changeDatabase(let previous): self.databases[previous.name] = previous
        case .nothing, .settleEndpoint, .removeRole, .removeDatabase, .close, .reopen, .purge:
            break
        }
    }

    private mutating func markReady(_ branch: String, at now: Date) {
        self.branches[branch]?.state = .ready
        self.branches[branch]?.stateTime = now
    }

    /// Removes a branch and everything on it.
    mutating func forgetBranch(_ name: String) {
        self.branches[name] = nil
        self.endpoints = self.endpoints.filter { $0.value.branch != name }
        self.roles = self.roles.filter { $0.value.branch != name }
        self.databases = self.databases.filter { $0.value.branch != name }
    }

    /// Removes a project and everything in it.
    mutating func forgetProject(_ id: String) {
        for branch in self.branches(of: id) { self.forgetBranch(branch.name) }
        self.projects[id] = nil
    }
}

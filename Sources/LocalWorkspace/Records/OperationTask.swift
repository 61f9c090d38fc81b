//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The work of an operation outside of the store.
///
/// Each task can be repeated after it was interrupted at any point, with the same result.
package enum OperationTask: Codable, Equatable, Sendable {
    /// No work: the records say it all.
    case nothing
    /// Create the data directory of a project's first branch.
    case makeProject(id: String)
    /// Copy the data of a branch to another; its project is new if `project` is set.
    case copyBranch(source: String, branch: String, newPasswords: Bool, project: String?)
    /// Apply an endpoint's record to its compute.
    case settleEndpoint(String)
    /// Open an endpoint that follows the branch's writer.
    case openEndpoint(String)
    case makeRole(String)
    case changeRole(previous: RoleRecord)
    /// Drop a role; its objects go to `heir`, if there is one.
    case removeRole(String, heir: String?)
    case makeDatabase(String)
    case changeDatabase(previous: DatabaseRecord)
    case removeDatabase(String)
    /// Stop the computes and close the endpoints of branches that were deleted and can be restored.
    case close(uids: [String])
    /// Open the endpoints of restored branches.
    case reopen(branches: [String])
    /// Stop computes, close endpoints and remove folders.
    case purge([ComputeLocation])
}

/// A compute's id and folder.
package struct ComputeLocation: Codable, Equatable, Sendable {
    package var uid: String
    package var folder: String
}

extension OperationTask {
    /// Whether the operation answers nothing but that it is done.
    package var isDeletion: Bool {
        switch self {
        case .removeRole, .removeDatabase, .close, .purge: true
        case .nothing, .makeProject, .copyBranch, .settleEndpoint, .openEndpoint, .makeRole, .changeRole, .makeDatabase,
            .changeDatabase, .reopen:
            false
        }
    }
}

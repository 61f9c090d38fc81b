//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What an operation does outside of the store.
///
/// Each of these can be begun anew after it was cut off at any point, and comes to the same end.
package enum OperationTask: Codable, Equatable, Sendable {
    /// The rows say it all.
    case nothing
    /// Makes the cluster of a project's first branch.
    case makeProject(id: String)
    /// Fills a branch from another; its project is new if `project` is set.
    case copyBranch(source: String, branch: String, newPasswords: Bool, project: String?)
    /// Lets an endpoint's compute behave as its row says.
    case settleEndpoint(String)
    /// Lets an endpoint listen that follows the branch's writer.
    case openEndpoint(String)
    case makeRole(String)
    case changeRole(previous: RoleRecord)
    /// Drops a role; what it owns goes to `heir`, if there is one.
    case removeRole(String, heir: String?)
    case makeDatabase(String)
    case changeDatabase(previous: DatabaseRecord)
    case removeDatabase(String)
    /// Stops computes and closes endpoints of branches that were deleted and can come back.
    case close(uids: [String])
    /// Opens endpoints of branches that came back.
    case reopen(branches: [String])
    /// Stops computes, closes endpoints and removes folders.
    case purge([ComputeLocation])
}

/// Where a compute is: what it is known by, and its folder.
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

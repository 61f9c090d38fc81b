//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

/// A branch in its stored form.
struct BranchRecord: Codable, Equatable, Sendable {
    /// Whether its data exist.
    enum State: String, Codable, Sendable {
        case creating
        case ready
    }

    /// The resource name.
    var name: String
    /// The id of its project.
    var project: String
    var id: String
    var uid: String
    /// The name of its folder below `branches/`.
    var folder: String
    var createTime: Date
    var updateTime: Date
    var state: State
    var stateTime: Date
    var isProtected: Bool
    var expireTime: Date?
    var deleteTime: Date?
    var purgeTime: Date?
    /// The resource name of the branch from which it was copied; `nil` for a root.
    var source: String?
    var sourceLSN: String?
    var sourceTime: Date?

    var isDeleted: Bool { self.deleteTime != nil }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Foundation

/// A branch in its stored form.
package struct BranchRecord: Codable, Equatable, Sendable {
    /// Whether its data exist.
    package enum State: String, Codable, Sendable {
        case creating
        case ready
    }

    /// The resource name.
    package var name: String
    /// The id of its project.
    package var project: String
    package var id: String
    package var uid: String
    /// The name of its folder below `branches/`.
    package var folder: String
    var createTime: Date
    var updateTime: Date
    package var state: State
    var stateTime: Date
    package var isProtected: Bool
    package var expireTime: Date?
    var deleteTime: Date?
    var purgeTime: Date?
    /// The resource name of the branch from which it was copied; `nil` for a root.
    package var source: String?
    package var sourceLSN: String?
    var sourceTime: Date?

    package var isDeleted: Bool { self.deleteTime != nil }
}

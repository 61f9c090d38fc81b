//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Foundation

/// A project as it is kept.
package struct ProjectRecord: Codable, Equatable, Sendable {
    package var id: String
    package var uid: String
    var createTime: Date
    var updateTime: Date
    /// When it was deleted; it can be brought back until ``purgeTime``.
    package var deleteTime: Date?
    var purgeTime: Date?
    var displayName: String
    package var postgresMajor: Int
    /// The version that was asked for when it was made, whatever runs it here.
    var requestedVersion: Int64?
    var retentionSeconds: Int64
    /// What new endpoints get that do not ask for something else.
    var defaults: ComputeSettings
    /// The id of the default branch.
    package var defaultBranch: String
    /// Whether roles may log in with a native password.
    package var nativeLogin: Bool
    var budgetPolicy: String?
    var tags: [Tag]
    /// The user name of who made it.
    package var owner: String
    /// What only the Database instance API shows of it.
    package var instance: InstanceSettings

    package var name: String { "projects/\(self.id)" }

    /// A tag for billing.
    struct Tag: Codable, Equatable, Sendable {
        var key: String
        var value: String
    }
}

/// What a project has as a database instance beyond what it has as a project.
package struct InstanceSettings: Codable, Equatable, Sendable {
    var capacity = "CU_1"
    var nodeCount: Int64 = 1
    var readableSecondaries = false
    var usagePolicy: String?
    /// The id of the project it is a child of.
    var parent: String?
    /// The position in the parent's log that it began at.
    package var parentLSN: String?
    /// Whether the project was made by the Postgres API, and is no database instance; `nil` where that was not told apart.
    var isNone: Bool?
}

/// How a compute is to behave.
package struct ComputeSettings: Codable, Equatable, Sendable {
    var minimumUnits = 1.0
    var maximumUnits = 1.0
    /// Idle seconds after which it sleeps; `nil` for the workspace's own delay.
    var suspendSeconds: Double?
    var neverSuspends = false
    /// Settings of PostgreSQL.
    package var parameters: [String: String] = [:]

    /// What the service allows a compute of so many units (Databricks: Manage computes).
    package var maximumConnections: Int {
        let steps: [(units: Double, connections: Int)] = [
            (0.5, 104), (1, 209), (2, 419), (3, 629), (4, 839), (8, 1678), (16, 3357), (32, 4000),
        ]
        return steps.last { $0.units <= self.maximumUnits }?.connections ?? 104
    }
}

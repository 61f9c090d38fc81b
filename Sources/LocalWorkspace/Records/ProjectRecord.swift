//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Foundation

/// A project in its stored form.
package struct ProjectRecord: Codable, Equatable, Sendable {
    package var id: String
    package var uid: String
    var createTime: Date
    var updateTime: Date
    /// When it was deleted; it can be restored until ``purgeTime``.
    package var deleteTime: Date?
    var purgeTime: Date?
    var displayName: String
    package var postgresMajor: Int
    /// The version that was requested at creation, whatever version is used here.
    var requestedVersion: Int64?
    var retentionSeconds: Int64
    /// The default settings of new endpoints.
    var defaults: ComputeSettings
    /// The id of the default branch.
    package var defaultBranch: String
    /// Whether roles may log in with a native password.
    package var nativeLogin: Bool
    var budgetPolicy: String?
    var tags: [Tag]
    /// The user name of its creator.
    package var owner: String
    /// The settings that only the Database instance API shows.
    package var instance: InstanceSettings

    package var name: String { "projects/\(self.id)" }

    /// A tag for billing.
    struct Tag: Codable, Equatable, Sendable {
        var key: String
        var value: String
    }
}

/// The settings of a project as a database instance, beyond those of a project.
package struct InstanceSettings: Codable, Equatable, Sendable {
    var capacity = "CU_1"
    var nodeCount: Int64 = 1
    var readableSecondaries = false
    var usagePolicy: String?
    /// The id of the parent project.
    var parent: String?
    /// The position in the parent's WAL at which it began.
    package var parentLSN: String?
    /// Whether the project was created by the Postgres API and is no database instance; `nil` in records that did not
    /// distinguish.
    var isNone: Bool?
}

/// The settings of a compute.
package struct ComputeSettings: Codable, Equatable, Sendable {
    var minimumUnits = 1.0
    var maximumUnits = 1.0
    /// The idle seconds after which it is suspended; `nil` for the workspace's own delay.
    var suspendSeconds: Double?
    var neverSuspends = false
    /// Settings of PostgreSQL.
    package var parameters: [String: String] = [:]

    /// The service's connection limit for a compute of this size (Databricks: Manage computes).
    package var maximumConnections: Int {
        let steps: [(units: Double, connections: Int)] = [
            (0.5, 104), (1, 209), (2, 419), (3, 629), (4, 839), (8, 1678), (16, 3357), (32, 4000),
        ]
        return steps.last { $0.units <= self.maximumUnits }?.connections ?? 104
    }
}

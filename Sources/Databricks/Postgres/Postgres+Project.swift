//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Postgres {
    /// A Lakebase project: the root of branches, endpoints, roles and databases.
    public struct Project: Codable, Hashable, Sendable {
        /// The resource name, `projects/{project_id}`.
        public var name: String?
        /// The id chosen at creation.
        public var projectID: String?
        /// A UUID given by the service.
        public var uid: String?
        /// The time of its creation.
        @Wire<RFC3339> public var createTime: Date?
        /// The time of its last change.
        @Wire<RFC3339> public var updateTime: Date?
        /// The time of its deletion, if it is in its grace period.
        @Wire<RFC3339> public var deleteTime: Date?
        /// The time at which a deleted project is purged.
        @Wire<RFC3339> public var purgeTime: Date?
        /// The requested settings.
        ///
        /// Only sent, never answered.
        public var spec: ProjectSpec?
        /// The settings in effect.
        ///
        /// Only answered, never sent.
        public var status: ProjectStatus?
        /// Settings of the first branch, at creation only.
        public var initialBranchSpec: InitialBranchSpec?
        /// Settings of the first endpoint, at creation only.
        public var initialEndpointSpec: InitialEndpointSpec?

        /// Creates a value from its fields.
        public init(
            name: String? = nil,
            projectID: String? = nil,
            uid: String? = nil,
            createTime: Date? = nil,
            updateTime: Date? = nil,
            deleteTime: Date? = nil,
            purgeTime: Date? = nil,
            spec: ProjectSpec? = nil,
            status: ProjectStatus? = nil,
            initialBranchSpec: InitialBranchSpec? = nil,
            initialEndpointSpec: InitialEndpointSpec? = nil
        ) {
            self.name = name
            self.projectID = projectID
            self.uid = uid
            self.createTime = createTime
            self.updateTime = updateTime
            self.deleteTime = deleteTime
            self.purgeTime = purgeTime
            self.spec = spec
            self.status = status
            self.initialBranchSpec = initialBranchSpec
            self.initialEndpointSpec = initialEndpointSpec
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case projectID = "project_id"
            case uid
            case createTime = "create_time"
            case updateTime = "update_time"
            case deleteTime = "delete_time"
            case purgeTime = "purge_time"
            case spec
            case status
            case initialBranchSpec = "initial_branch_spec"
            case initialEndpointSpec = "initial_endpoint_spec"
        }
    }

    /// The requested settings of a project.
    public struct ProjectSpec: Codable, Hashable, Sendable {
        /// 1 to 256 characters.
        public var displayName: String?
        /// The major version of PostgreSQL.
        @Wire<IntegerCoding> public var pgVersion: Int64?
        /// How far back a branch can start: 2 to 35 days.
        public var historyRetentionDuration: ProtobufDuration?
        /// Settings of endpoints that do not give their own.
        public var defaultEndpointSettings: DefaultEndpointSettings?
        /// The full name of the default branch.
        public var defaultBranch: String?
        /// Whether roles with a native password may log in.
        public var enablePgNativeLogin: Bool?
        /// The budget policy.
        public var budgetPolicyID: String?
        /// Tags for billing.
        public var customTags: [CustomTag]?

        /// Creates a value from its fields.
        public init(
            displayName: String? = nil,
            pgVersion: Int64? = nil,
            historyRetentionDuration: ProtobufDuration? = nil,
            defaultEndpointSettings: DefaultEndpointSettings? = nil,
            defaultBranch: String? = nil,
            enablePgNativeLogin: Bool? = nil,
            budgetPolicyID: String? = nil,
            customTags: [CustomTag]? = nil
        ) {
            self.displayName = displayName
            self.pgVersion = pgVersion
            self.historyRetentionDuration = historyRetentionDuration
            self.defaultEndpointSettings = defaultEndpointSettings
            self.defaultBranch = defaultBranch
            self.enablePgNativeLogin = enablePgNativeLogin
            self.budgetPolicyID = budgetPolicyID
            self.customTags = customTags
        }

        private enum CodingKeys: String, CodingKey {
            case displayName = "display_name"
            case pgVersion = "pg_version"
            case historyRetentionDuration = "history_retention_duration"
            case defaultEndpointSettings = "default_endpoint_settings"
            case defaultBranch = "default_branch"
            case enablePgNativeLogin = "enable_pg_native_login"
            case budgetPolicyID = "budget_policy_id"
            case customTags = "custom_tags"
        }
    }

    /// The settings of a project that are in effect.
    public struct ProjectStatus: Codable, Hashable, Sendable {
        /// The id chosen at creation.
        public var projectID: String?
        /// The display name.
        public var displayName: String?
        /// The major version of PostgreSQL.
        @Wire<IntegerCoding> public var pgVersion: Int64?
        /// How far back a branch can start.
        public var historyRetentionDuration: ProtobufDuration?
        /// Settings of endpoints that do not give their own.
        public var defaultEndpointSettings: DefaultEndpointSettings?
        /// The full name of the default branch.
        public var defaultBranch: String?
        /// Whether roles with a native password may log in.
        public var enablePgNativeLogin: Bool?
        /// The budget policy.
        public var budgetPolicyID: String?
        /// Tags for billing.
        public var customTags: [CustomTag]?
        /// The e-mail address of the owner.
        public var owner: String?
        /// The maximum size of a branch.
        @Wire<IntegerCoding> public var branchLogicalSizeLimitBytes: Int64?
        /// The size of the project's storage.
        @Wire<IntegerCoding> public var syntheticStorageSizeBytes: Int64?
        /// The time at which a compute of the project was last active.
        @Wire<RFC3339> public var computeLastActiveTime: Date?

        /// Creates a value from its fields.
        public init(
            projectID: String? = nil,
            displayName: String? = nil,
            pgVersion: Int64? = nil,
            historyRetentionDuration: ProtobufDuration? = nil,
            defaultEndpointSettings: DefaultEndpointSettings? = nil,
            defaultBranch: String? = nil,
            enablePgNativeLogin: Bool? = nil,
            budgetPolicyID: String? = nil,
            customTags: [CustomTag]? = nil,
            owner: String? = nil,
            branchLogicalSizeLimitBytes: Int64? = nil,
            syntheticStorageSizeBytes: Int64? = nil,
            computeLastActiveTime: Date? = nil
        ) {
            self.projectID = projectID
            self.displayName = displayName
            self.pgVersion = pgVersion
            self.historyRetentionDuration = historyRetentionDuration
            self.defaultEndpointSettings = defaultEndpointSettings
            self.defaultBranch = defaultBranch
            self.enablePgNativeLogin = enablePgNativeLogin
            self.budgetPolicyID = budgetPolicyID
            self.customTags = customTags
            self.owner = owner
            self.branchLogicalSizeLimitBytes = branchLogicalSizeLimitBytes
            self.syntheticStorageSizeBytes = syntheticStorageSizeBytes
            self.computeLastActiveTime = computeLastActiveTime
        }

        private enum CodingKeys: String, CodingKey {
            case projectID = "project_id"
            case displayName = "display_name"
            case pgVersion = "pg_version"
            case historyRetentionDuration = "history_retention_duration"
            case defaultEndpointSettings = "default_endpoint_settings"
            case defaultBranch = "default_branch"
            case enablePgNativeLogin = "enable_pg_native_login"
            case budgetPolicyID = "budget_policy_id"
            case customTags = "custom_tags"
            case owner
            case branchLogicalSizeLimitBytes = "branch_logical_size_limit_bytes"
            case syntheticStorageSizeBytes = "synthetic_storage_size_bytes"
            case computeLastActiveTime = "compute_last_active_time"
        }
    }
}

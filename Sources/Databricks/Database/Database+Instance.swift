//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Database {
    /// A provisioned database instance.
    public struct Instance: Codable, Hashable, Sendable {
        /// Its unique name.
        public var name: String
        /// A UUID given by the service.
        public var uid: String?
        /// `CU_1`, `CU_2`, `CU_4` or `CU_8`.
        public var capacity: String?
        /// The time of its creation.
        @Wire<RFC3339> public var creationTime: Date?
        /// The e-mail address of its creator.
        public var creator: String?
        /// The state.
        public var state: InstanceState?
        /// The version of PostgreSQL, such as `PG_VERSION_16`.
        public var pgVersion: String?
        /// The host name for writing.
        public var readWriteDNS: String?
        /// The host name of readable secondaries.
        public var readOnlyDNS: String?
        /// Whether it should be stopped.
        ///
        /// Only sent; the effective value is answered.
        public var stopped: Bool?
        /// The number of nodes: one primary and its secondaries.
        ///
        /// Only sent.
        @Wire<IntegerCoding> public var nodeCount: Int64?
        /// Whether secondaries can be read.
        public var enableReadableSecondaries: Bool?
        /// Whether roles with a native password may log in.
        public var enablePgNativeLogin: Bool?
        /// How far back a child can start: 2 to 35 days.
        @Wire<IntegerCoding> public var retentionWindowInDays: Int64?
        /// The parent instance.
        public var parentInstanceRef: InstanceRef?
        /// The child instances.
        public var childInstanceRefs: [InstanceRef]?
        /// Tags for billing.
        public var customTags: [CustomTag]?
        /// The usage policy.
        public var usagePolicyID: String?
        /// The capacity in effect.
        public var effectiveCapacity: String?
        /// Whether it is stopped.
        public var effectiveStopped: Bool?
        /// The nodes in effect.
        @Wire<IntegerCoding> public var effectiveNodeCount: Int64?
        /// Whether secondaries can be read.
        public var effectiveEnableReadableSecondaries: Bool?
        /// Whether roles with a native password may log in.
        public var effectiveEnablePgNativeLogin: Bool?
        /// How far back a child can start.
        @Wire<IntegerCoding> public var effectiveRetentionWindowInDays: Int64?
        /// The tags in effect.
        public var effectiveCustomTags: [CustomTag]?
        /// The usage policy in effect.
        public var effectiveUsagePolicyID: String?

        /// Creates a value from its fields.
        public init(
            name: String,
            uid: String? = nil,
            capacity: String? = nil,
            creationTime: Date? = nil,
            creator: String? = nil,
            state: InstanceState? = nil,
            pgVersion: String? = nil,
            readWriteDNS: String? = nil,
            readOnlyDNS: String? = nil,
            stopped: Bool? = nil,
            nodeCount: Int64? = nil,
            enableReadableSecondaries: Bool? = nil,
            enablePgNativeLogin: Bool? = nil,
            retentionWindowInDays: Int64? = nil,
            parentInstanceRef: InstanceRef? = nil,
            childInstanceRefs: [InstanceRef]? = nil,
            customTags: [CustomTag]? = nil,
            usagePolicyID: String? = nil,
            effectiveCapacity: String? = nil,
            effectiveStopped: Bool? = nil,
            effectiveNodeCount: Int64? = nil,
            effectiveEnableReadableSecondaries: Bool? = nil,
            effectiveEnablePgNativeLogin: Bool? = nil,
            effectiveRetentionWindowInDays: Int64? = nil,
            effectiveCustomTags: [CustomTag]? = nil,
            effectiveUsagePolicyID: String? = nil
        ) {
            self.name = name
            self.uid = uid
            self.capacity = capacity
            self.creationTime = creationTime
            self.creator = creator
            self.state = state
            self.pgVersion = pgVersion
            self.readWriteDNS = readWriteDNS
            self.readOnlyDNS = readOnlyDNS
            self.stopped = stopped
            self.nodeCount = nodeCount
            self.enableReadableSecondaries = enableReadableSecondaries
            self.enablePgNativeLogin = enablePgNativeLogin
            self.retentionWindowInDays = retentionWindowInDays
            self.parentInstanceRef = parentInstanceRef
            self.childInstanceRefs = childInstanceRefs
            self.customTags = customTags
            self.usagePolicyID = usagePolicyID
            self.effectiveCapacity = effectiveCapacity
            self.effectiveStopped = effectiveStopped
            self.effectiveNodeCount = effectiveNodeCount
            self.effectiveEnableReadableSecondaries = effectiveEnableReadableSecondaries
            self.effectiveEnablePgNativeLogin = effectiveEnablePgNativeLogin
            self.effectiveRetentionWindowInDays = effectiveRetentionWindowInDays
            self.effectiveCustomTags = effectiveCustomTags
            self.effectiveUsagePolicyID = effectiveUsagePolicyID
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case uid
            case capacity
            case creationTime = "creation_time"
            case creator
            case state
            case pgVersion = "pg_version"
            case readWriteDNS = "read_write_dns"
            case readOnlyDNS = "read_only_dns"
            case stopped
            case nodeCount = "node_count"
            case enableReadableSecondaries = "enable_readable_secondaries"
            case enablePgNativeLogin = "enable_pg_native_login"
            case retentionWindowInDays = "retention_window_in_days"
            case parentInstanceRef = "parent_instance_ref"
            case childInstanceRefs = "child_instance_refs"
            case customTags = "custom_tags"
            case usagePolicyID = "usage_policy_id"
            case effectiveCapacity = "effective_capacity"
            case effectiveStopped = "effective_stopped"
            case effectiveNodeCount = "effective_node_count"
            case effectiveEnableReadableSecondaries = "effective_enable_readable_secondaries"
            case effectiveEnablePgNativeLogin = "effective_enable_pg_native_login"
            case effectiveRetentionWindowInDays = "effective_retention_window_in_days"
            case effectiveCustomTags = "effective_custom_tags"
            case effectiveUsagePolicyID = "effective_usage_policy_id"
        }
    }
}

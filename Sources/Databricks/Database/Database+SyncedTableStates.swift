//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Database {
    /// The state of a synced table.
    ///
    /// The spelling of `offline` is the service's.
    public struct SyncedTableState: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Being created.
        public static let provisioning = Self(rawValue: "SYNCED_TABLE_PROVISIONING")
        /// Waiting for a pipeline.
        public static let provisioningPipelineResources = Self(rawValue: "SYNCED_TABLE_PROVISIONING_PIPELINE_RESOURCES")
        /// The first copy is running.
        public static let provisioningInitialSnapshot = Self(rawValue: "SYNCED_TABLE_PROVISIONING_INITIAL_SNAPSHOT")
        /// Readable.
        public static let online = Self(rawValue: "SYNCED_TABLE_ONLINE")
        /// Readable, synchronized continuously.
        public static let onlineContinuousUpdate = Self(rawValue: "SYNCED_TABLE_ONLINE_CONTINUOUS_UPDATE")
        /// Readable, being synchronized after a trigger.
        public static let onlineTriggeredUpdate = Self(rawValue: "SYNCED_TABLE_ONLINE_TRIGGERED_UPDATE")
        /// Readable, up to date.
        public static let onlineNoPendingUpdate = Self(rawValue: "SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE")
        /// Readable, but its pipeline failed.
        public static let onlinePipelineFailed = Self(rawValue: "SYNCED_TABLE_ONLINE_PIPELINE_FAILED")
        /// Readable, its pipeline being changed.
        public static let onlineUpdatingPipelineResources = Self(
            rawValue: "SYNCED_TABLE_ONLINE_UPDATING_PIPELINE_RESOURCES")
        /// Not readable.
        public static let offline = Self(rawValue: "SYNCED_TABLED_OFFLINE")
        /// Not readable after a failure.
        public static let offlineFailed = Self(rawValue: "SYNCED_TABLE_OFFLINE_FAILED")
    }

    /// The provisioning state of a table in Unity Catalog.
    public struct ProvisioningState: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Being created.
        public static let provisioning = Self(rawValue: "PROVISIONING")
        /// Available.
        public static let active = Self(rawValue: "ACTIVE")
        /// Being changed.
        public static let updating = Self(rawValue: "UPDATING")
        /// Available with problems.
        public static let degraded = Self(rawValue: "DEGRADED")
        /// Being deleted.
        public static let deleting = Self(rawValue: "DELETING")
        /// Creation failed.
        public static let failed = Self(rawValue: "FAILED")
    }
}

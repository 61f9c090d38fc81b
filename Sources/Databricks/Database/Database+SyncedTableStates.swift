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

        /// Takes any name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Being made.
        public static let provisioning = Self(rawValue: "SYNCED_TABLE_PROVISIONING")
        /// Waiting for a pipeline.
        public static let provisioningPipelineResources = Self(rawValue: "SYNCED_TABLE_PROVISIONING_PIPELINE_RESOURCES")
        /// The first copy is made.
        public static let provisioningInitialSnapshot = Self(rawValue: "SYNCED_TABLE_PROVISIONING_INITIAL_SNAPSHOT")
        /// Readable.
        public static let online = Self(rawValue: "SYNCED_TABLE_ONLINE")
        /// Readable, following all the time.
        public static let onlineContinuousUpdate = Self(rawValue: "SYNCED_TABLE_ONLINE_CONTINUOUS_UPDATE")
        /// Readable, following as told.
        public static let onlineTriggeredUpdate = Self(rawValue: "SYNCED_TABLE_ONLINE_TRIGGERED_UPDATE")
        /// Readable, with nothing to follow.
        public static let onlineNoPendingUpdate = Self(rawValue: "SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE")
        /// Readable, no longer following.
        public static let onlinePipelineFailed = Self(rawValue: "SYNCED_TABLE_ONLINE_PIPELINE_FAILED")
        /// Readable, its pipeline being changed.
        public static let onlineUpdatingPipelineResources = Self(
            rawValue: "SYNCED_TABLE_ONLINE_UPDATING_PIPELINE_RESOURCES")
        /// Not readable.
        public static let offline = Self(rawValue: "SYNCED_TABLED_OFFLINE")
        /// Not readable after a failure.
        public static let offlineFailed = Self(rawValue: "SYNCED_TABLE_OFFLINE_FAILED")
    }

    /// What Unity Catalog knows of a table.
    public struct ProvisioningState: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Takes any name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Being made.
        public static let provisioning = Self(rawValue: "PROVISIONING")
        /// There.
        public static let active = Self(rawValue: "ACTIVE")
        /// Being changed.
        public static let updating = Self(rawValue: "UPDATING")
        /// There, with trouble.
        public static let degraded = Self(rawValue: "DEGRADED")
        /// Being deleted.
        public static let deleting = Self(rawValue: "DELETING")
        /// It could not be made.
        public static let failed = Self(rawValue: "FAILED")
    }
}

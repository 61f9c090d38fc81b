//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Database {
    /// The status of a synced table.
    public struct SyncedTableStatus: Codable, Hashable, Sendable {
        /// The state.
        public var detailedState: SyncedTableState?
        /// The state in words.
        public var message: String?
        /// The pipeline that runs.
        public var pipelineID: String?
        /// The last synchronized version.
        public var lastSync: SyncedTablePosition?
        /// Details while the first copy is made.
        public var provisioningStatus: SyncedTableProgress?
        /// Details of continuous synchronization.
        public var continuousUpdateStatus: SyncedTableProgress?
        /// Details of triggered synchronization.
        public var triggeredUpdateStatus: SyncedTableProgress?
        /// Details after a failure.
        public var failedStatus: SyncedTableProgress?

        /// Creates a value from its fields.
        public init(
            detailedState: SyncedTableState? = nil,
            message: String? = nil,
            pipelineID: String? = nil,
            lastSync: SyncedTablePosition? = nil,
            provisioningStatus: SyncedTableProgress? = nil,
            continuousUpdateStatus: SyncedTableProgress? = nil,
            triggeredUpdateStatus: SyncedTableProgress? = nil,
            failedStatus: SyncedTableProgress? = nil
        ) {
            self.detailedState = detailedState
            self.message = message
            self.pipelineID = pipelineID
            self.lastSync = lastSync
            self.provisioningStatus = provisioningStatus
            self.continuousUpdateStatus = continuousUpdateStatus
            self.triggeredUpdateStatus = triggeredUpdateStatus
            self.failedStatus = failedStatus
        }

        private enum CodingKeys: String, CodingKey {
            case detailedState = "detailed_state"
            case message
            case pipelineID = "pipeline_id"
            case lastSync = "last_sync"
            case provisioningStatus = "provisioning_status"
            case continuousUpdateStatus = "continuous_update_status"
            case triggeredUpdateStatus = "triggered_update_status"
            case failedStatus = "failed_status"
        }
    }

    /// Details of a synced table's progress; which are there depends on the state.
    public struct SyncedTableProgress: Codable, Hashable, Sendable {
        /// The first copy.
        public var initialPipelineSyncProgress: SyncedTablePipelineProgress?
        /// The progress of a triggered synchronization.
        public var triggeredUpdateProgress: SyncedTablePipelineProgress?
        /// The last version of the source that was synchronized.
        @Wire<IntegerCoding> public var lastProcessedCommitVersion: Int64?
        /// The time at which that version was synchronized.
        @Wire<TimestampCoding> public var timestamp: Date?

        /// Creates a value from its fields.
        public init(
            initialPipelineSyncProgress: SyncedTablePipelineProgress? = nil,
            triggeredUpdateProgress: SyncedTablePipelineProgress? = nil,
            lastProcessedCommitVersion: Int64? = nil,
            timestamp: Date? = nil
        ) {
            self.initialPipelineSyncProgress = initialPipelineSyncProgress
            self.triggeredUpdateProgress = triggeredUpdateProgress
            self.lastProcessedCommitVersion = lastProcessedCommitVersion
            self.timestamp = timestamp
        }

        private enum CodingKeys: String, CodingKey {
            case initialPipelineSyncProgress = "initial_pipeline_sync_progress"
            case triggeredUpdateProgress = "triggered_update_progress"
            case lastProcessedCommitVersion = "last_processed_commit_version"
            case timestamp
        }
    }

    /// The progress of a pipeline.
    public struct SyncedTablePipelineProgress: Codable, Hashable, Sendable {
        /// The estimated remaining time in seconds.
        public var estimatedCompletionTimeSeconds: Double?
        /// The version of the source that is being synchronized.
        @Wire<IntegerCoding> public var latestVersionCurrentlyProcessing: Int64?
        /// The phase, such as `PROVISIONING_PHASE_MAIN`.
        public var provisioningPhase: String?
        /// The completed fraction, 0 to 1.
        public var syncProgressCompletion: Double?
        /// The number of synchronized rows.
        @Wire<IntegerCoding> public var syncedRowCount: Int64?
        /// The total number of rows.
        @Wire<IntegerCoding> public var totalRowCount: Int64?

        /// Creates a value from its fields.
        public init(
            estimatedCompletionTimeSeconds: Double? = nil,
            latestVersionCurrentlyProcessing: Int64? = nil,
            provisioningPhase: String? = nil,
            syncProgressCompletion: Double? = nil,
            syncedRowCount: Int64? = nil,
            totalRowCount: Int64? = nil
        ) {
            self.estimatedCompletionTimeSeconds = estimatedCompletionTimeSeconds
            self.latestVersionCurrentlyProcessing = latestVersionCurrentlyProcessing
            self.provisioningPhase = provisioningPhase
            self.syncProgressCompletion = syncProgressCompletion
            self.syncedRowCount = syncedRowCount
            self.totalRowCount = totalRowCount
        }

        private enum CodingKeys: String, CodingKey {
            case estimatedCompletionTimeSeconds = "estimated_completion_time_seconds"
            case latestVersionCurrentlyProcessing = "latest_version_currently_processing"
            case provisioningPhase = "provisioning_phase"
            case syncProgressCompletion = "sync_progress_completion"
            case syncedRowCount = "synced_row_count"
            case totalRowCount = "total_row_count"
        }
    }

    /// A synchronized version of a source.
    public struct SyncedTablePosition: Codable, Hashable, Sendable {
        /// The version of the source.
        public var deltaTableSyncInfo: DeltaTableSyncInfo?
        /// When its copy began.
        @Wire<TimestampCoding> public var syncStartTimestamp: Date?
        /// When its copy ended.
        @Wire<TimestampCoding> public var syncEndTimestamp: Date?

        /// Creates a value from its fields.
        public init(
            deltaTableSyncInfo: DeltaTableSyncInfo? = nil,
            syncStartTimestamp: Date? = nil,
            syncEndTimestamp: Date? = nil
        ) {
            self.deltaTableSyncInfo = deltaTableSyncInfo
            self.syncStartTimestamp = syncStartTimestamp
            self.syncEndTimestamp = syncEndTimestamp
        }

        private enum CodingKeys: String, CodingKey {
            case deltaTableSyncInfo = "delta_table_sync_info"
            case syncStartTimestamp = "sync_start_timestamp"
            case syncEndTimestamp = "sync_end_timestamp"
        }
    }

    /// A version of a Delta table.
    public struct DeltaTableSyncInfo: Codable, Hashable, Sendable {
        /// Its numeric id.
        @Wire<IntegerCoding> public var deltaCommitVersion: Int64?
        /// When it was written.
        @Wire<TimestampCoding> public var deltaCommitTimestamp: Date?

        /// Creates a value from its fields.
        public init(
            deltaCommitVersion: Int64? = nil,
            deltaCommitTimestamp: Date? = nil
        ) {
            self.deltaCommitVersion = deltaCommitVersion
            self.deltaCommitTimestamp = deltaCommitTimestamp
        }

        private enum CodingKeys: String, CodingKey {
            case deltaCommitVersion = "delta_commit_version"
            case deltaCommitTimestamp = "delta_commit_timestamp"
        }
    }
}

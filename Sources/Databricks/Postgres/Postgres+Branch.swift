//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Postgres {
    /// A copy-on-write branch of a project's data.
    public struct Branch: Codable, Hashable, Sendable {
        /// The resource name, `projects/{project}/branches/{branch_id}`.
        public var name: String?
        /// The id chosen at creation.
        public var branchID: String?
        /// The name of the project.
        public var parent: String?
        /// An id of the service, `br-...`.
        public var uid: String?
        /// The time of its creation.
        @Wire<RFC3339> public var createTime: Date?
        /// The time of its last change.
        @Wire<RFC3339> public var updateTime: Date?
        /// The requested settings.
        ///
        /// Only sent, never answered.
        public var spec: BranchSpec?
        /// The settings in effect.
        ///
        /// Only answered, never sent.
        public var status: BranchStatus?

        /// Creates a value from its fields.
        public init(
            name: String? = nil,
            branchID: String? = nil,
            parent: String? = nil,
            uid: String? = nil,
            createTime: Date? = nil,
            updateTime: Date? = nil,
            spec: BranchSpec? = nil,
            status: BranchStatus? = nil
        ) {
            self.name = name
            self.branchID = branchID
            self.parent = parent
            self.uid = uid
            self.createTime = createTime
            self.updateTime = updateTime
            self.spec = spec
            self.status = status
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case branchID = "branch_id"
            case parent
            case uid
            case createTime = "create_time"
            case updateTime = "update_time"
            case spec
            case status
        }
    }

    /// The requested settings of a branch.
    public struct BranchSpec: Codable, Hashable, Sendable {
        /// The full name of the branch to start from; the default branch when absent.
        public var sourceBranch: String?
        /// The position in the source's log to start from.
        public var sourceBranchLSN: String?
        /// The point in time of the source to start from.
        @Wire<RFC3339> public var sourceBranchTime: Date?
        /// The full name of a snapshot to start from.
        public var sourceSnapshot: String?
        /// The lifetime of the branch.
        public var ttl: ProtobufDuration?
        /// The expiry time of the branch.
        @Wire<RFC3339> public var expireTime: Date?
        /// True for a branch that does not expire.
        public var noExpiry: Bool?
        /// Whether it can neither be deleted nor reset.
        public var isProtected: Bool?

        /// Creates a value from its fields.
        public init(
            sourceBranch: String? = nil,
            sourceBranchLSN: String? = nil,
            sourceBranchTime: Date? = nil,
            sourceSnapshot: String? = nil,
            ttl: ProtobufDuration? = nil,
            expireTime: Date? = nil,
            noExpiry: Bool? = nil,
            isProtected: Bool? = nil
        ) {
            self.sourceBranch = sourceBranch
            self.sourceBranchLSN = sourceBranchLSN
            self.sourceBranchTime = sourceBranchTime
            self.sourceSnapshot = sourceSnapshot
            self.ttl = ttl
            self.expireTime = expireTime
            self.noExpiry = noExpiry
            self.isProtected = isProtected
        }

        private enum CodingKeys: String, CodingKey {
            case sourceBranch = "source_branch"
            case sourceBranchLSN = "source_branch_lsn"
            case sourceBranchTime = "source_branch_time"
            case sourceSnapshot = "source_snapshot"
            case ttl
            case expireTime = "expire_time"
            case noExpiry = "no_expiry"
            case isProtected = "is_protected"
        }
    }

    /// The settings of a branch that are in effect.
    public struct BranchStatus: Codable, Hashable, Sendable {
        /// The id chosen at creation.
        public var branchID: String?
        /// The state.
        public var currentState: BranchState?
        /// The state to which it is changing.
        public var pendingState: BranchState?
        /// The time of the last change of the state.
        @Wire<RFC3339> public var stateChangeTime: Date?
        /// Whether it is the project's default branch.
        public var isDefault: Bool?
        /// Whether it can neither be deleted nor reset.
        public var isProtected: Bool?
        /// The expiry time.
        @Wire<RFC3339> public var expireTime: Date?
        /// The time of its deletion.
        @Wire<RFC3339> public var deleteTime: Date?
        /// The time at which it is purged.
        @Wire<RFC3339> public var purgeTime: Date?
        /// Its logical size.
        @Wire<IntegerCoding> public var logicalSizeBytes: Int64?
        /// The branch from which it was created.
        public var sourceBranch: String?
        /// The log position from which it was created.
        public var sourceBranchLSN: String?
        /// The point in time from which it was created.
        @Wire<RFC3339> public var sourceBranchTime: Date?
        /// The snapshot from which it was created.
        public var sourceSnapshot: String?

        /// Creates a value from its fields.
        public init(
            branchID: String? = nil,
            currentState: BranchState? = nil,
            pendingState: BranchState? = nil,
            stateChangeTime: Date? = nil,
            isDefault: Bool? = nil,
            isProtected: Bool? = nil,
            expireTime: Date? = nil,
            deleteTime: Date? = nil,
            purgeTime: Date? = nil,
            logicalSizeBytes: Int64? = nil,
            sourceBranch: String? = nil,
            sourceBranchLSN: String? = nil,
            sourceBranchTime: Date? = nil,
            sourceSnapshot: String? = nil
        ) {
            self.branchID = branchID
            self.currentState = currentState
            self.pendingState = pendingState
            self.stateChangeTime = stateChangeTime
            self.isDefault = isDefault
            self.isProtected = isProtected
            self.expireTime = expireTime
            self.deleteTime = deleteTime
            self.purgeTime = purgeTime
            self.logicalSizeBytes = logicalSizeBytes
            self.sourceBranch = sourceBranch
            self.sourceBranchLSN = sourceBranchLSN
            self.sourceBranchTime = sourceBranchTime
            self.sourceSnapshot = sourceSnapshot
        }

        private enum CodingKeys: String, CodingKey {
            case branchID = "branch_id"
            case currentState = "current_state"
            case pendingState = "pending_state"
            case stateChangeTime = "state_change_time"
            case isDefault = "default"
            case isProtected = "is_protected"
            case expireTime = "expire_time"
            case deleteTime = "delete_time"
            case purgeTime = "purge_time"
            case logicalSizeBytes = "logical_size_bytes"
            case sourceBranch = "source_branch"
            case sourceBranchLSN = "source_branch_lsn"
            case sourceBranchTime = "source_branch_time"
            case sourceSnapshot = "source_snapshot"
        }
    }

    /// The state of a branch.
    public struct BranchState: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Being created.
        public static let initializing = Self(rawValue: "INIT")
        /// Data is being imported.
        public static let importing = Self(rawValue: "IMPORTING")
        /// Ready for endpoints.
        public static let ready = Self(rawValue: "READY")
        /// Being reset to its parent.
        public static let resetting = Self(rawValue: "RESETTING")
        /// Archived.
        public static let archived = Self(rawValue: "ARCHIVED")
        /// Deleted.
        public static let deleted = Self(rawValue: "DELETED")
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Postgres {
    /// A compute with a host name.
    public struct Endpoint: Codable, Hashable, Sendable {
        /// The resource name, `projects/{project}/branches/{branch}/endpoints/{endpoint_id}`.
        public var name: String?
        /// The id chosen at creation.
        public var endpointID: String?
        /// The name of the branch.
        public var parent: String?
        /// An id of the service, `ep-...`, which is also in the host name.
        public var uid: String?
        /// The time of its creation.
        @Wire<RFC3339> public var createTime: Date?
        /// The time of its last change.
        @Wire<RFC3339> public var updateTime: Date?
        /// The requested settings.
        ///
        /// Only sent, never answered.
        public var spec: EndpointSpec?
        /// The settings in effect.
        ///
        /// Only answered, never sent.
        public var status: EndpointStatus?

        /// Creates a value from its fields.
        public init(
            name: String? = nil,
            endpointID: String? = nil,
            parent: String? = nil,
            uid: String? = nil,
            createTime: Date? = nil,
            updateTime: Date? = nil,
            spec: EndpointSpec? = nil,
            status: EndpointStatus? = nil
        ) {
            self.name = name
            self.endpointID = endpointID
            self.parent = parent
            self.uid = uid
            self.createTime = createTime
            self.updateTime = updateTime
            self.spec = spec
            self.status = status
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case endpointID = "endpoint_id"
            case parent
            case uid
            case createTime = "create_time"
            case updateTime = "update_time"
            case spec
            case status
        }
    }

    /// The requested settings of an endpoint.
    public struct EndpointSpec: Codable, Hashable, Sendable {
        /// Whether it is read-write or read-only.
        public var endpointType: EndpointType?
        /// The minimum number of compute units, at least 0.5.
        public var autoscalingLimitMinCU: Double?
        /// The maximum number of compute units.
        public var autoscalingLimitMaxCU: Double?
        /// The idle time after which it is suspended: 60 seconds to 7 days.
        public var suspendTimeoutDuration: ProtobufDuration?
        /// Whether it is never suspended.
        public var noSuspension: Bool?
        /// Whether it refuses connections.
        public var disabled: Bool?
        /// The number of computes.
        public var group: EndpointGroup?
        /// Settings of PostgreSQL.
        public var settings: EndpointSettings?

        /// Creates a value from its fields.
        public init(
            endpointType: EndpointType? = nil,
            autoscalingLimitMinCU: Double? = nil,
            autoscalingLimitMaxCU: Double? = nil,
            suspendTimeoutDuration: ProtobufDuration? = nil,
            noSuspension: Bool? = nil,
            disabled: Bool? = nil,
            group: EndpointGroup? = nil,
            settings: EndpointSettings? = nil
        ) {
            self.endpointType = endpointType
            self.autoscalingLimitMinCU = autoscalingLimitMinCU
            self.autoscalingLimitMaxCU = autoscalingLimitMaxCU
            self.suspendTimeoutDuration = suspendTimeoutDuration
            self.noSuspension = noSuspension
            self.disabled = disabled
            self.group = group
            self.settings = settings
        }

        private enum CodingKeys: String, CodingKey {
            case endpointType = "endpoint_type"
            case autoscalingLimitMinCU = "autoscaling_limit_min_cu"
            case autoscalingLimitMaxCU = "autoscaling_limit_max_cu"
            case suspendTimeoutDuration = "suspend_timeout_duration"
            case noSuspension = "no_suspension"
            case disabled
            case group
            case settings
        }
    }

    /// The settings of an endpoint that are in effect.
    public struct EndpointStatus: Codable, Hashable, Sendable {
        /// The id chosen at creation.
        public var endpointID: String?
        /// Whether it is read-write or read-only.
        public var endpointType: EndpointType?
        /// The state.
        public var currentState: EndpointState?
        /// The state to which it is changing.
        public var pendingState: EndpointState?
        /// The address at which it answers.
        public var hosts: EndpointHosts?
        /// The minimum number of compute units.
        public var autoscalingLimitMinCU: Double?
        /// The maximum number of compute units.
        public var autoscalingLimitMaxCU: Double?
        /// The idle time after which it is suspended.
        public var suspendTimeoutDuration: ProtobufDuration?
        /// Whether it is never suspended.
        public var noSuspension: Bool?
        /// Whether it refuses connections.
        public var disabled: Bool?
        /// The number of computes.
        public var group: EndpointGroup?
        /// Settings of PostgreSQL.
        public var settings: EndpointSettings?
        /// The time at which it was last active.
        @Wire<RFC3339> public var lastActiveTime: Date?

        /// Creates a value from its fields.
        public init(
            endpointID: String? = nil,
            endpointType: EndpointType? = nil,
            currentState: EndpointState? = nil,
            pendingState: EndpointState? = nil,
            hosts: EndpointHosts? = nil,
            autoscalingLimitMinCU: Double? = nil,
            autoscalingLimitMaxCU: Double? = nil,
            suspendTimeoutDuration: ProtobufDuration? = nil,
            noSuspension: Bool? = nil,
            disabled: Bool? = nil,
            group: EndpointGroup? = nil,
            settings: EndpointSettings? = nil,
            lastActiveTime: Date? = nil
        ) {
            self.endpointID = endpointID
            self.endpointType = endpointType
            self.currentState = currentState
            self.pendingState = pendingState
            self.hosts = hosts
            self.autoscalingLimitMinCU = autoscalingLimitMinCU
            self.autoscalingLimitMaxCU = autoscalingLimitMaxCU
            self.suspendTimeoutDuration = suspendTimeoutDuration
            self.noSuspension = noSuspension
            self.disabled = disabled
            self.group = group
            self.settings = settings
            self.lastActiveTime = lastActiveTime
        }

        private enum CodingKeys: String, CodingKey {
            case endpointID = "endpoint_id"
            case endpointType = "endpoint_type"
            case currentState = "current_state"
            case pendingState = "pending_state"
            case hosts
            case autoscalingLimitMinCU = "autoscaling_limit_min_cu"
            case autoscalingLimitMaxCU = "autoscaling_limit_max_cu"
            case suspendTimeoutDuration = "suspend_timeout_duration"
            case noSuspension = "no_suspension"
            case disabled
            case group
            case settings
            case lastActiveTime = "last_active_time"
        }
    }

    /// The host names of an endpoint.
    public struct EndpointHosts: Codable, Hashable, Sendable {
        /// The name for connections of the endpoint's own type.
        public var host: String?
        /// The name of readable secondaries.
        public var readOnlyHost: String?
        /// The name of the pooler for writing.
        public var readWritePooledHost: String?
        /// The name of the pooler for reading.
        public var readOnlyPooledHost: String?

        /// Creates a value from its fields.
        public init(
            host: String? = nil,
            readOnlyHost: String? = nil,
            readWritePooledHost: String? = nil,
            readOnlyPooledHost: String? = nil
        ) {
            self.host = host
            self.readOnlyHost = readOnlyHost
            self.readWritePooledHost = readWritePooledHost
            self.readOnlyPooledHost = readOnlyPooledHost
        }

        private enum CodingKeys: String, CodingKey {
            case host
            case readOnlyHost = "read_only_host"
            case readWritePooledHost = "read_write_pooled_host"
            case readOnlyPooledHost = "read_only_pooled_host"
        }
    }

    /// The number of computes behind an endpoint.
    public struct EndpointGroup: Codable, Hashable, Sendable {
        /// The minimum, which equals the maximum.
        @Wire<IntegerCoding> public var min: Int64?
        /// The maximum; an endpoint with more than one is highly available.
        @Wire<IntegerCoding> public var max: Int64?
        /// Whether the secondaries can be read.
        public var enableReadableSecondaries: Bool?

        /// Creates a value from its fields.
        public init(
            min: Int64? = nil,
            max: Int64? = nil,
            enableReadableSecondaries: Bool? = nil
        ) {
            self.min = min
            self.max = max
            self.enableReadableSecondaries = enableReadableSecondaries
        }

        private enum CodingKeys: String, CodingKey {
            case min
            case max
            case enableReadableSecondaries = "enable_readable_secondaries"
        }
    }

    /// Settings of PostgreSQL.
    public struct EndpointSettings: Codable, Hashable, Sendable {
        /// Values by name.
        public var pgSettings: [String: String]?

        /// Creates a value from its fields.
        public init(
            pgSettings: [String: String]? = nil
        ) {
            self.pgSettings = pgSettings
        }

        private enum CodingKeys: String, CodingKey {
            case pgSettings = "pg_settings"
        }
    }

    /// Whether an endpoint is read-write or read-only.
    public struct EndpointType: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Read-write; one for each branch.
        public static let readWrite = Self(rawValue: "ENDPOINT_TYPE_READ_WRITE")
        /// Read-only.
        public static let readOnly = Self(rawValue: "ENDPOINT_TYPE_READ_ONLY")
    }

    /// The state of an endpoint.
    public struct EndpointState: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Being created.
        public static let initializing = Self(rawValue: "INIT")
        /// Running.
        public static let active = Self(rawValue: "ACTIVE")
        /// Suspended; a connection wakes it.
        public static let idle = Self(rawValue: "IDLE")
        /// Running with problems.
        public static let degraded = Self(rawValue: "DEGRADED")
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Postgres {
    /// Settings that endpoints of a project inherit.
    public struct DefaultEndpointSettings: Codable, Hashable, Sendable {
        /// The minimum number of compute units, at least 0.5.
        public var autoscalingLimitMinCU: Double?
        /// The maximum number of compute units.
        public var autoscalingLimitMaxCU: Double?
        /// The idle time after which a compute is suspended: 60 seconds to 7 days.
        public var suspendTimeoutDuration: ProtobufDuration?
        /// Whether computes are never suspended.
        ///
        /// Excludes a suspend time.
        public var noSuspension: Bool?
        /// Settings of PostgreSQL by name.
        public var pgSettings: [String: String]?

        /// Creates a value from its fields.
        public init(
            autoscalingLimitMinCU: Double? = nil,
            autoscalingLimitMaxCU: Double? = nil,
            suspendTimeoutDuration: ProtobufDuration? = nil,
            noSuspension: Bool? = nil,
            pgSettings: [String: String]? = nil
        ) {
            self.autoscalingLimitMinCU = autoscalingLimitMinCU
            self.autoscalingLimitMaxCU = autoscalingLimitMaxCU
            self.suspendTimeoutDuration = suspendTimeoutDuration
            self.noSuspension = noSuspension
            self.pgSettings = pgSettings
        }

        private enum CodingKeys: String, CodingKey {
            case autoscalingLimitMinCU = "autoscaling_limit_min_cu"
            case autoscalingLimitMaxCU = "autoscaling_limit_max_cu"
            case suspendTimeoutDuration = "suspend_timeout_duration"
            case noSuspension = "no_suspension"
            case pgSettings = "pg_settings"
        }
    }

    /// The settings of a new project's first branch.
    public struct InitialBranchSpec: Codable, Hashable, Sendable {
        /// Whether it is protected.
        public var isProtected: Bool?

        /// Creates a value from its fields.
        public init(
            isProtected: Bool? = nil
        ) {
            self.isProtected = isProtected
        }

        private enum CodingKeys: String, CodingKey {
            case isProtected = "is_protected"
        }
    }

    /// The settings of a new project's first endpoint.
    public struct InitialEndpointSpec: Codable, Hashable, Sendable {
        /// The minimum number of compute units.
        public var autoscalingLimitMinCU: Double?
        /// The maximum number of compute units.
        public var autoscalingLimitMaxCU: Double?
        /// The idle time after which the compute is suspended.
        public var suspendTimeoutDuration: ProtobufDuration?
        /// Whether the compute is never suspended.
        public var noSuspension: Bool?
        /// The number of computes.
        public var group: EndpointGroup?

        /// Creates a value from its fields.
        public init(
            autoscalingLimitMinCU: Double? = nil,
            autoscalingLimitMaxCU: Double? = nil,
            suspendTimeoutDuration: ProtobufDuration? = nil,
            noSuspension: Bool? = nil,
            group: EndpointGroup? = nil
        ) {
            self.autoscalingLimitMinCU = autoscalingLimitMinCU
            self.autoscalingLimitMaxCU = autoscalingLimitMaxCU
            self.suspendTimeoutDuration = suspendTimeoutDuration
            self.noSuspension = noSuspension
            self.group = group
        }

        private enum CodingKeys: String, CodingKey {
            case autoscalingLimitMinCU = "autoscaling_limit_min_cu"
            case autoscalingLimitMaxCU = "autoscaling_limit_max_cu"
            case suspendTimeoutDuration = "suspend_timeout_duration"
            case noSuspension = "no_suspension"
            case group
        }
    }

    /// A tag that shows up in billing records.
    public struct CustomTag: Codable, Hashable, Sendable {
        /// Its name.
        public var key: String?
        /// Its value.
        public var value: String?

        /// Creates a value from its fields.
        public init(
            key: String? = nil,
            value: String? = nil
        ) {
            self.key = key
            self.value = value
        }

        private enum CodingKeys: String, CodingKey {
            case key
            case value
        }
    }
}

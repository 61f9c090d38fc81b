//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Apps {
    /// The status of an app's process.
    public struct ApplicationStatus: Codable, Hashable, Sendable {
        /// The state.
        public var state: ApplicationState?
        /// The state in words.
        public var message: String?
        /// How many instances run.
        @Wire<IntegerCoding> public var runningInstances: Int64?

        /// Creates a value from its fields.
        public init(
            state: ApplicationState? = nil,
            message: String? = nil,
            runningInstances: Int64? = nil
        ) {
            self.state = state
            self.message = message
            self.runningInstances = runningInstances
        }

        private enum CodingKeys: String, CodingKey {
            case state
            case message
            case runningInstances = "running_instances"
        }
    }

    /// The status of an app's compute.
    public struct ComputeStatus: Codable, Hashable, Sendable {
        /// The state.
        public var state: ComputeState?
        /// The state in words.
        public var message: String?
        /// How many instances there are.
        @Wire<IntegerCoding> public var activeInstances: Int64?

        /// Creates a value from its fields.
        public init(
            state: ComputeState? = nil,
            message: String? = nil,
            activeInstances: Int64? = nil
        ) {
            self.state = state
            self.message = message
            self.activeInstances = activeInstances
        }

        private enum CodingKeys: String, CodingKey {
            case state
            case message
            case activeInstances = "active_instances"
        }
    }

    /// The state of the process of an app.
    public struct ApplicationState: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Being started.
        public static let deploying = Self(rawValue: "DEPLOYING")
        /// Running.
        public static let running = Self(rawValue: "RUNNING")
        /// The process ended by itself.
        public static let crashed = Self(rawValue: "CRASHED")
        /// There is no process.
        public static let unavailable = Self(rawValue: "UNAVAILABLE")
    }

    /// The state of the compute of an app.
    public struct ComputeState: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Running.
        public static let active = Self(rawValue: "ACTIVE")
        /// Being started.
        public static let starting = Self(rawValue: "STARTING")
        /// Stopped.
        public static let stopped = Self(rawValue: "STOPPED")
        /// Being stopped.
        public static let stopping = Self(rawValue: "STOPPING")
        /// Being changed.
        public static let updating = Self(rawValue: "UPDATING")
        /// Being deleted.
        public static let deleting = Self(rawValue: "DELETING")
        /// The compute failed; the message says why.
        public static let error = Self(rawValue: "ERROR")
    }

    /// The size of the compute of an app.
    public struct ComputeSize: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The default.
        public static let medium = Self(rawValue: "MEDIUM")
        /// Larger.
        public static let large = Self(rawValue: "LARGE")
        /// The largest.
        public static let extraLarge = Self(rawValue: "XLARGE")
    }

    /// A page of apps.
    public struct ListAppsResponse: Codable, Hashable, Sendable {
        /// The page; absent and empty are the same.
        public var apps: [App]?
        /// The token of the next page; absent or empty on the last page.
        public var nextPageToken: String?

        /// Creates a value from its fields.
        public init(
            apps: [App]? = nil,
            nextPageToken: String? = nil
        ) {
            self.apps = apps
            self.nextPageToken = nextPageToken
        }

        private enum CodingKeys: String, CodingKey {
            case apps
            case nextPageToken = "next_page_token"
        }
    }
}

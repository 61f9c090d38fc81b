//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Apps {
    /// A change of an app that the service is making.
    public struct AppUpdate: Codable, Hashable, Sendable {
        /// The status.
        public var status: AppUpdateStatus?
        /// The description of the app.
        public var description: String?
        /// The resources that its identity may access.
        public var resources: [Resource]?
        /// The API scopes that it may use on behalf of its users.
        public var userAPIScopes: [String]?
        /// The size of its compute.
        public var computeSize: ComputeSize?
        /// The minimum number of instances.
        @Wire<IntegerCoding> public var computeMinInstances: Int64?
        /// The maximum number of instances.
        @Wire<IntegerCoding> public var computeMaxInstances: Int64?
        /// The budget policy.
        public var budgetPolicyID: String?
        /// The usage policy.
        public var usagePolicyID: String?
        /// The Git repository of its source.
        public var gitRepository: GitRepository?
        /// Whether requests carry a token of the user.
        public var forwardUserAccessToken: Bool?
        /// The destinations of its telemetry.
        public var telemetryExportDestinations: [TelemetryExportDestination]?

        /// Creates a value from its fields.
        public init(
            status: AppUpdateStatus? = nil,
            description: String? = nil,
            resources: [Resource]? = nil,
            userAPIScopes: [String]? = nil,
            computeSize: ComputeSize? = nil,
            computeMinInstances: Int64? = nil,
            computeMaxInstances: Int64? = nil,
            budgetPolicyID: String? = nil,
            usagePolicyID: String? = nil,
            gitRepository: GitRepository? = nil,
            forwardUserAccessToken: Bool? = nil,
            telemetryExportDestinations: [TelemetryExportDestination]? = nil
        ) {
            self.status = status
            self.description = description
            self.resources = resources
            self.userAPIScopes = userAPIScopes
            self.computeSize = computeSize
            self.computeMinInstances = computeMinInstances
            self.computeMaxInstances = computeMaxInstances
            self.budgetPolicyID = budgetPolicyID
            self.usagePolicyID = usagePolicyID
            self.gitRepository = gitRepository
            self.forwardUserAccessToken = forwardUserAccessToken
            self.telemetryExportDestinations = telemetryExportDestinations
        }

        private enum CodingKeys: String, CodingKey {
            case status
            case description
            case resources
            case userAPIScopes = "user_api_scopes"
            case computeSize = "compute_size"
            case computeMinInstances = "compute_min_instances"
            case computeMaxInstances = "compute_max_instances"
            case budgetPolicyID = "budget_policy_id"
            case usagePolicyID = "usage_policy_id"
            case gitRepository = "git_repository"
            case forwardUserAccessToken = "forward_user_access_token"
            case telemetryExportDestinations = "telemetry_export_destinations"
        }
    }

    /// The status of a change of an app.
    public struct AppUpdateStatus: Codable, Hashable, Sendable {
        /// The state.
        public var state: AppUpdateState?
        /// The state in words.
        public var message: String?

        /// Creates a value from its fields.
        public init(
            state: AppUpdateState? = nil,
            message: String? = nil
        ) {
            self.state = state
            self.message = message
        }

        private enum CodingKeys: String, CodingKey {
            case state
            case message
        }
    }

    /// A request to change an app in the background.
    public struct UpdateAppRequest: Codable, Hashable, Sendable {
        /// The new values.
        public var app: App?
        /// The fields to change, separated by commas; `*` for all.
        public var updateMask: String?

        /// Creates a value from its fields.
        public init(
            app: App? = nil,
            updateMask: String? = nil
        ) {
            self.app = app
            self.updateMask = updateMask
        }

        private enum CodingKeys: String, CodingKey {
            case app
            case updateMask = "update_mask"
        }
    }

    /// The state of a change of an app.
    public struct AppUpdateState: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// In progress.
        public static let inProgress = Self(rawValue: "IN_PROGRESS")
        /// Completed.
        public static let succeeded = Self(rawValue: "SUCCEEDED")
        /// Failed; the message says why.
        public static let failed = Self(rawValue: "FAILED")
        /// The app was never changed.
        public static let notUpdated = Self(rawValue: "NOT_UPDATED")
    }
}

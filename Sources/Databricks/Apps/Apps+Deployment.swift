//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Apps {
    /// A version of an app's source, to be run.
    public struct Deployment: Codable, Hashable, Sendable {
        /// Its id, given by the service unless chosen.
        public var deploymentID: String?
        /// The folder of the workspace that the source is in.
        public var sourceCodePath: String?
        /// Whether later changes of the folder count.
        public var mode: DeploymentMode?
        /// The program and its arguments, in place of those in `app.yaml`.
        ///
        /// No shell is involved.
        public var command: [String]?
        /// Variables that win over those in `app.yaml`.
        public var envVars: [EnvironmentVariable]?
        /// The repository that the source is in, instead of a folder.
        public var gitSource: GitSource?
        /// How the service finds out whether the app is ready.
        public var healthCheck: HealthCheck?
        /// How far it is.
        ///
        /// Only answered.
        public var status: DeploymentStatus?
        /// What was made of the source.
        ///
        /// Only answered.
        public var deploymentArtifacts: DeploymentArtifacts?
        /// The e-mail address of who made it.
        ///
        /// Only answered.
        public var creator: String?
        /// When it was made.
        ///
        /// Only answered.
        @Wire<TimestampCoding> public var createTime: Date?
        /// When its state last changed.
        ///
        /// Only answered.
        @Wire<TimestampCoding> public var updateTime: Date?

        /// Creates a value from its fields.
        public init(
            deploymentID: String? = nil,
            sourceCodePath: String? = nil,
            mode: DeploymentMode? = nil,
            command: [String]? = nil,
            envVars: [EnvironmentVariable]? = nil,
            gitSource: GitSource? = nil,
            healthCheck: HealthCheck? = nil,
            status: DeploymentStatus? = nil,
            deploymentArtifacts: DeploymentArtifacts? = nil,
            creator: String? = nil,
            createTime: Date? = nil,
            updateTime: Date? = nil
        ) {
            self.deploymentID = deploymentID
            self.sourceCodePath = sourceCodePath
            self.mode = mode
            self.command = command
            self.envVars = envVars
            self.gitSource = gitSource
            self.healthCheck = healthCheck
            self.status = status
            self.deploymentArtifacts = deploymentArtifacts
            self.creator = creator
            self.createTime = createTime
            self.updateTime = updateTime
        }

        private enum CodingKeys: String, CodingKey {
            case deploymentID = "deployment_id"
            case sourceCodePath = "source_code_path"
            case mode
            case command
            case envVars = "env_vars"
            case gitSource = "git_source"
            case healthCheck = "health_check"
            case status
            case deploymentArtifacts = "deployment_artifacts"
            case creator
            case createTime = "create_time"
            case updateTime = "update_time"
        }
    }

    /// How far a deployment is.
    public struct DeploymentStatus: Codable, Hashable, Sendable {
        /// The state.
        public var state: DeploymentState?
        /// The state in words.
        public var message: String?

        /// Creates a value from its fields.
        public init(
            state: DeploymentState? = nil,
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

    /// What a deployment made of its source.
    public struct DeploymentArtifacts: Codable, Hashable, Sendable {
        /// The copy of the source that runs.
        public var sourceCodePath: String?

        /// Creates a value from its fields.
        public init(
            sourceCodePath: String? = nil
        ) {
            self.sourceCodePath = sourceCodePath
        }

        private enum CodingKeys: String, CodingKey {
            case sourceCodePath = "source_code_path"
        }
    }

    /// How the service finds out whether an app is ready.
    public struct HealthCheck: Codable, Hashable, Sendable {
        /// The path to ask for.
        public var path: String?
        /// How long an answer may take.
        public var timeout: ProtobufDuration?

        /// Creates a value from its fields.
        public init(
            path: String? = nil,
            timeout: ProtobufDuration? = nil
        ) {
            self.path = path
            self.timeout = timeout
        }

        private enum CodingKeys: String, CodingKey {
            case path
            case timeout
        }
    }

    /// Whether later changes of the source count.
    public struct DeploymentMode: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Takes any name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The source as it is now.
        public static let snapshot = Self(rawValue: "SNAPSHOT")
        /// The source as it changes.
        public static let autoSync = Self(rawValue: "AUTO_SYNC")
    }

    /// The state of a deployment.
    public struct DeploymentState: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Takes any name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Under way.
        public static let inProgress = Self(rawValue: "IN_PROGRESS")
        /// It runs.
        public static let succeeded = Self(rawValue: "SUCCEEDED")
        /// It does not run; the message says why.
        public static let failed = Self(rawValue: "FAILED")
        /// Given up.
        public static let cancelled = Self(rawValue: "CANCELLED")
    }

    /// A page of deployments.
    public struct ListDeploymentsResponse: Codable, Hashable, Sendable {
        /// The page; absent and empty are the same.
        public var deployments: [Deployment]?
        /// Where the next page begins; absent or empty on the last.
        public var nextPageToken: String?

        /// Creates a value from its fields.
        public init(
            deployments: [Deployment]? = nil,
            nextPageToken: String? = nil
        ) {
            self.deployments = deployments
            self.nextPageToken = nextPageToken
        }

        private enum CodingKeys: String, CodingKey {
            case deployments = "app_deployments"
            case nextPageToken = "next_page_token"
        }
    }
}

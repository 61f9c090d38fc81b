//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Apps {
    /// A version of an app's source that is to be run.
    public struct Deployment: Codable, Hashable, Sendable {
        /// Its id, given by the service unless chosen.
        public var deploymentID: String?
        /// The folder of the workspace that the source is in.
        public var sourceCodePath: String?
        /// Whether later changes of the folder are deployed too.
        public var mode: DeploymentMode?
        /// The program and its arguments, in place of those in `app.yaml`.
        ///
        /// No shell is involved.
        public var command: [String]?
        /// Variables that override those in `app.yaml`.
        public var envVars: [EnvironmentVariable]?
        /// The repository that the source is in, instead of a folder.
        public var gitSource: GitSource?
        /// The health check that tells whether the app is ready.
        public var healthCheck: HealthCheck?
        /// The status.
        ///
        /// Only answered.
        public var status: DeploymentStatus?
        /// The artifacts of the deployment.
        ///
        /// Only answered.
        public var deploymentArtifacts: DeploymentArtifacts?
        /// The e-mail address of its creator.
        ///
        /// Only answered.
        public var creator: String?
        /// The time of its creation.
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

    /// The status of a deployment.
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

    /// The artifacts of a deployment.
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

    /// The health check that tells whether an app is ready.
    public struct HealthCheck: Codable, Hashable, Sendable {
        /// The path to request.
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

    /// Whether later changes of the source are deployed too.
    public struct DeploymentMode: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The source at the time of the deployment.
        public static let snapshot = Self(rawValue: "SNAPSHOT")
        /// The source with its later changes.
        public static let autoSync = Self(rawValue: "AUTO_SYNC")
    }

    /// The state of a deployment.
    public struct DeploymentState: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// In progress.
        public static let inProgress = Self(rawValue: "IN_PROGRESS")
        /// The deployment runs.
        public static let succeeded = Self(rawValue: "SUCCEEDED")
        /// The deployment does not run; the message says why.
        public static let failed = Self(rawValue: "FAILED")
        /// The deployment was cancelled.
        public static let cancelled = Self(rawValue: "CANCELLED")
    }

    /// A page of deployments.
    public struct ListDeploymentsResponse: Codable, Hashable, Sendable {
        /// The page; absent and empty are the same.
        public var deployments: [Deployment]?
        /// The token of the next page; absent or empty on the last page.
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

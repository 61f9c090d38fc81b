//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Apps {
    /// A repository.
    public struct GitRepository: Codable, Hashable, Sendable {
        /// Its address.
        public var url: String?
        /// The hosting provider, such as `gitHub`.
        public var provider: String?
        /// Whether a push deploys.
        public var autoDeploy: Bool?
        /// The stored credential with which it is read.
        @Wire<IntegerCoding> public var callerCredentialID: Int64?

        /// Creates a value from its fields.
        public init(
            url: String? = nil,
            provider: String? = nil,
            autoDeploy: Bool? = nil,
            callerCredentialID: Int64? = nil
        ) {
            self.url = url
            self.provider = provider
            self.autoDeploy = autoDeploy
            self.callerCredentialID = callerCredentialID
        }

        private enum CodingKeys: String, CodingKey {
            case url
            case provider
            case autoDeploy = "auto_deploy"
            case callerCredentialID = "caller_credential_id"
        }
    }

    /// A version in a repository.
    public struct GitSource: Codable, Hashable, Sendable {
        /// The branch.
        public var branch: String?
        /// The tag.
        public var tag: String?
        /// The commit.
        public var commit: String?
        /// The commit that was deployed.
        ///
        /// Only answered.
        public var resolvedCommit: String?
        /// The folder within the repository.
        public var sourceCodePath: String?
        /// The repository.
        ///
        /// Only answered.
        public var gitRepository: GitRepository?

        /// Creates a value from its fields.
        public init(
            branch: String? = nil,
            tag: String? = nil,
            commit: String? = nil,
            resolvedCommit: String? = nil,
            sourceCodePath: String? = nil,
            gitRepository: GitRepository? = nil
        ) {
            self.branch = branch
            self.tag = tag
            self.commit = commit
            self.resolvedCommit = resolvedCommit
            self.sourceCodePath = sourceCodePath
            self.gitRepository = gitRepository
        }

        private enum CodingKeys: String, CodingKey {
            case branch
            case tag
            case commit
            case resolvedCommit = "resolved_commit"
            case sourceCodePath = "source_code_path"
            case gitRepository = "git_repository"
        }
    }

    /// A destination for telemetry.
    public struct TelemetryExportDestination: Codable, Hashable, Sendable {
        /// Tables in Unity Catalog.
        public var unityCatalog: UnityCatalogTables?

        /// Creates a value from its fields.
        public init(
            unityCatalog: UnityCatalogTables? = nil
        ) {
            self.unityCatalog = unityCatalog
        }

        private enum CodingKeys: String, CodingKey {
            case unityCatalog = "unity_catalog"
        }
    }

    /// Tables in Unity Catalog that receive telemetry.
    public struct UnityCatalogTables: Codable, Hashable, Sendable {
        /// The table for logs, as `catalog.schema.table`.
        public var logsTable: String?
        /// The table for metrics.
        public var metricsTable: String?
        /// The table for traces.
        public var tracesTable: String?

        /// Creates a value from its fields.
        public init(
            logsTable: String? = nil,
            metricsTable: String? = nil,
            tracesTable: String? = nil
        ) {
            self.logsTable = logsTable
            self.metricsTable = metricsTable
            self.tracesTable = tracesTable
        }

        private enum CodingKeys: String, CodingKey {
            case logsTable = "logs_table"
            case metricsTable = "metrics_table"
            case tracesTable = "traces_table"
        }
    }
}

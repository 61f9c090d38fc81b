//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import LakebaseSchema

/// The database of an app.
public struct DeploymentLakebase: Sendable, Hashable {
    /// The branch or instance, whose generation a deployment never changes.
    public var target: Target
    /// The name of the database in PostgreSQL.
    public var database: String
    /// The schema of the app.
    public var schema: String
    /// The key of the app's resource for the database.
    public var resource: String
    /// The privileges of the app's service principal.
    public var appAccess: DeploymentAccess
    /// The privileges of other identities.
    public var permissions: [DeploymentPermission]

    /// The database that every instance and every branch has.
    public static let defaultDatabase = "databricks_postgres"
    /// The default schema.
    public static let defaultSchema = "app_data"

    /// The generation of Lakebase, with the place of the database.
    public enum Target: Sendable, Hashable {
        /// A branch of a project.
        case autoscaling(Autoscaling)
        /// An instance.
        case provisioned(Provisioned)

        /// The name of the generation in `deployment.yaml`.
        public var generation: String {
            switch self {
            case .autoscaling: "autoscaling"
            case .provisioned: "provisioned"
            }
        }
    }

    /// A branch of a project of Lakebase Autoscaling.
    public struct Autoscaling: Sendable, Hashable {
        /// The id of the project: 1 to 63 lowercase letters, digits and hyphens, a letter first.
        public var project: String
        /// The id of the branch, by the same rule.
        public var branch: String
        /// The limits of the branch's read-write endpoint; nil keeps the existing ones.
        public var capacity: ComputeRange?
        /// The origin of a branch that has to be created; when nil, the project's default branch, and the new one never expires.
        public var origin: BranchOrigin?

        /// The branch that a new project has.
        public static let defaultBranch = "production"

        /// A branch from its parts.
        public init(
            project: String, branch: String = Self.defaultBranch, capacity: ComputeRange? = nil,
            origin: BranchOrigin? = nil
        ) {
            self.project = project
            self.branch = branch
            self.capacity = capacity
            self.origin = origin
        }
    }

    /// The origin of a branch.
    public struct BranchOrigin: Sendable, Hashable {
        /// The id of a branch of the same project.
        public var branch: String
        /// How long the new branch exists; nil for a branch that never expires.
        public var ttl: Duration?

        /// The maximum, 30 days.
        public static let maximumTTL: Duration = .seconds(30 * 86400)

        /// An origin from its parts.
        public init(branch: String, ttl: Duration? = nil) {
            self.branch = branch
            self.ttl = ttl
        }
    }

    /// An instance of Lakebase Provisioned.
    public struct Provisioned: Sendable, Hashable {
        /// Its name: 1 to 63 letters, digits and hyphens.
        public var instance: String
        /// Its capacity; nil keeps the existing one.
        public var capacity: InstanceCapacity?

        /// An instance from its parts.
        public init(instance: String, capacity: InstanceCapacity? = nil) {
            self.instance = instance
            self.capacity = capacity
        }
    }

    /// A database from its parts.
    public init(
        target: Target, database: String = Self.defaultDatabase, schema: String = Self.defaultSchema,
        resource: String? = nil, appAccess: DeploymentAccess = .preset(.app), permissions: [DeploymentPermission] = []
    ) {
        self.target = target
        self.database = database
        self.schema = schema
        self.resource = resource ?? target.defaultResource
        self.appAccess = appAccess
        self.permissions = permissions
    }
}

extension DeploymentLakebase.Target {
    /// The key that the platform proposes for a database of this generation.
    public var defaultResource: String {
        switch self {
        case .autoscaling: "postgres"
        case .provisioned: "database"
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import LakebaseSchema

/// The database of an app, as it is to be.
public struct DeploymentLakebase: Sendable, Hashable {
    /// Where it is; the generation is never changed by itself.
    public var target: Target
    /// The name of the database in PostgreSQL.
    public var database: String
    /// The schema that belongs to the app.
    public var schema: String
    /// The key of the resource of the app that stands for the database.
    public var resource: String
    /// What the app's service principal may do.
    public var appAccess: DeploymentAccess
    /// What others may do.
    public var permissions: [DeploymentPermission]

    /// The database that every instance and every branch has.
    public static let defaultDatabase = "databricks_postgres"
    /// The schema when none is named.
    public static let defaultSchema = "app_data"

    /// The generation of Lakebase, and what it has.
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
        /// The limits of the branch's read-write endpoint; nothing leaves them as they are.
        public var capacity: ComputeRange?
        /// What the branch is made from when it is not there; when nil the project's default branch, without end.
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

    /// What a branch is made from.
    public struct BranchOrigin: Sendable, Hashable {
        /// The id of a branch of the same project.
        public var branch: String
        /// How long the new branch lives; nothing for a branch without an end.
        public var ttl: Duration?

        /// The longest life, 30 days.
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
        /// Its capacity; nothing leaves it as it is.
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

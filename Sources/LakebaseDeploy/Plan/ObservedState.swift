//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Databricks
internal import ExactText
public import LakebaseSchema

/// What the workspace and the database say an environment is: the other half of what a plan is made from.
///
/// Absent is only what the service answered "not found" for; any other failure is an error of the observation.
public struct ObservedState: Sendable, Hashable {
    /// What is in the database.
    public struct Contents: Sendable, Hashable {
        /// Whether there is a database of the wanted name; the rest is empty without.
        public var hasDatabase: Bool
        /// The role that owns the schema; nil when there is no schema.
        public var schemaOwner: String?
        /// The roles there are, of those that the grants are for.
        public var roles: Set<String>
        /// Roles of the wanted names that cannot serve, a line each with what to do: of another kind, with a password, or without a login.
        public var roleProblems: [String]
        /// How the migrations compare with those that ran.
        public var migrations: MigrationPlan?
        /// What each grant of the wanted state lacks, a line each; in the order of the grants.
        public var missing: [[String]]
        /// Tables and the like in the schema whose owner is neither the deployer's role nor the app's, as `name, owned by role`.
        public var strangers: [String]
        /// What grants want and leave out, since it belongs to an extension or the platform, a line each.
        public var leftOut: [String]

        /// Contents from their parts.
        public init(
            hasDatabase: Bool = true, schemaOwner: String? = nil, roles: Set<String> = [],
            roleProblems: [String] = [],
            migrations: MigrationPlan? = nil, missing: [[String]] = [], strangers: [String] = [],
            leftOut: [String] = []
        ) {
            self.hasDatabase = hasDatabase
            self.schemaOwner = schemaOwner
            self.roles = roles
            self.roleProblems = roleProblems
            self.migrations = migrations
            self.missing = missing
            self.strangers = strangers
            self.leftOut = leftOut
        }

        /// Whether there is a role of that name, to the byte.
        func hasRole(_ name: String) -> Bool { self.roles.contains { $0.isExactly(name) } }
    }

    /// The name of the user who deploys, which is also their role.
    public var deployer: String
    /// The project.
    public var project: Postgres.Project?
    /// The branch.
    public var branch: Postgres.Branch?
    /// The endpoint that writes the branch.
    public var endpoint: Postgres.Endpoint?
    /// The other branches of the project, by id.
    public var otherBranches: [String]
    /// The other databases beside the wanted one, by their names in PostgreSQL; without those that everybody has.
    public var otherDatabases: [String]
    /// The database, as a resource of the branch.
    public var database: Postgres.Database?
    /// The instance.
    public var instance: Database.Instance?
    /// The app, unless it is on its way out.
    public var app: Apps.App?
    /// Whether an app of this name is being deleted.
    public var isAppLeaving: Bool
    /// The folder of the app in the workspace.
    public var folder: WorkspaceFolder
    /// What is in the database; nil when there is none to be asked.
    public var contents: Contents?

    /// A state from its parts.
    public init(
        deployer: String, project: Postgres.Project? = nil, branch: Postgres.Branch? = nil,
        endpoint: Postgres.Endpoint? = nil, otherBranches: [String] = [],
        otherDatabases: [String] = [], database: Postgres.Database? = nil,
        instance: Database.Instance? = nil, app: Apps.App? = nil, isAppLeaving: Bool = false,
        folder: WorkspaceFolder = WorkspaceFolder(), contents: Contents? = nil
    ) {
        self.deployer = deployer
        self.project = project
        self.branch = branch
        self.endpoint = endpoint
        self.otherBranches = otherBranches
        self.otherDatabases = otherDatabases
        self.database = database
        self.instance = instance
        self.app = app
        self.isAppLeaving = isAppLeaving
        self.folder = folder
        self.contents = contents
    }
}

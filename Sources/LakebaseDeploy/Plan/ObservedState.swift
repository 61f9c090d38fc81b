//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Databricks
internal import ExactText
public import LakebaseSchema

/// The observed state of an environment in the workspace and the database.
///
/// Only what the service answers "not found" for counts as missing; every other failure is an error.
public struct ObservedState: Sendable, Hashable {
    /// What is in the database.
    public struct Contents: Sendable, Hashable {
        /// Whether the database exists; the other properties are empty when it does not.
        public var hasDatabase: Bool
        /// The role that owns the schema; nil when there is no schema.
        public var schemaOwner: String?
        /// The existing roles among those that the grants name.
        public var roles: Set<String>
        /// Existing roles that cannot be used, a line each with what to do: of another kind, with a password, or without a login.
        public var roleProblems: [String]
        /// The comparison of the migrations with those that ran.
        public var migrations: MigrationPlan?
        /// The missing privileges of each grant, a line each, in the order of the grants.
        public var missing: [[String]]
        /// Tables and views in the schema that belong to neither the deployer's role nor the app's, as `name is owned by role`.
        public var strangers: [String]
        /// Privileges that are left out, because the objects belong to an extension or the platform, a line each.
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

        /// Whether a role with exactly this name exists.
        func hasRole(_ name: String) -> Bool { self.roles.contains { $0.isExactly(name) } }
    }

    /// The name of the user who deploys, which is also their role.
    public var deployer: String
    /// The project.
    public var project: Postgres.Project?
    /// The branch.
    public var branch: Postgres.Branch?
    /// The read-write endpoint of the branch.
    public var endpoint: Postgres.Endpoint?
    /// The other branches of the project, by id.
    public var otherBranches: [String]
    /// The other databases, by their names in PostgreSQL, without the default ones.
    public var otherDatabases: [String]
    /// The database, as a resource of the branch.
    public var database: Postgres.Database?
    /// The instance.
    public var instance: Database.Instance?
    /// The app, unless it is being deleted.
    public var app: Apps.App?
    /// Whether an app of this name is being deleted.
    public var isAppLeaving: Bool
    /// The folder of the app in the workspace.
    public var folder: WorkspaceFolder
    /// The contents of the database; nil when there is no database that can be connected to.
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

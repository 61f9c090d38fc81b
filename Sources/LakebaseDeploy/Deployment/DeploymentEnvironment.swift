//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An app with its database in one place: `development`, `production`, or a personal copy of one of them.
public struct DeploymentEnvironment: Sendable, Hashable {
    /// Its name in `deployment.yaml`.
    public var name: String
    /// The person whose copy it is; nil for the environment itself.
    public var person: String?
    /// The profile of `~/.databrickscfg` for the workspace; when nil, the command's environment decides.
    public var profile: String?
    /// The app.
    public var app: DeploymentApp
    /// The database.
    public var lakebase: DeploymentLakebase
    /// The migrations, which run before the app starts; nil for none.
    public var migrations: DeploymentMigrations?

    /// An environment from its parts.
    public init(
        name: String, person: String? = nil, profile: String? = nil, app: DeploymentApp,
        lakebase: DeploymentLakebase, migrations: DeploymentMigrations? = nil
    ) {
        self.name = name
        self.person = person
        self.profile = profile
        self.app = app
        self.lakebase = lakebase
        self.migrations = migrations
    }

    /// The name to show: `development`, or `development as alice`.
    public var title: String { self.person.map { "\(self.name) as \($0)" } ?? self.name }
}

/// The migrations of an app.
public struct DeploymentMigrations: Sendable, Hashable {
    /// The absolute path of the folder.
    public var folder: String
    /// The role that owns the objects they create; the deploying role when nil.
    public var owner: String?

    /// Migrations from their parts.
    public init(folder: String, owner: String? = nil) {
        self.folder = folder
        self.owner = owner
    }
}

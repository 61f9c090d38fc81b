//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An app with its database in one place: `development`, `production`, or a personal copy of one of them.
public struct DeploymentEnvironment: Sendable, Hashable {
    /// Its name in `deployment.yaml`.
    public var name: String
    /// Whose personal copy it is; nothing for the environment itself.
    public var person: String?
    /// The profile of `~/.databrickscfg` that says which workspace it is in; nothing leaves it to the environment of the command.
    public var profile: String?
    /// The app.
    public var app: DeploymentApp
    /// The database.
    public var lakebase: DeploymentLakebase
    /// The migrations that are run before the app is started; nothing for none.
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

    /// Its name for people: `development`, or `development as alice`.
    public var title: String { self.person.map { "\(self.name) as \($0)" } ?? self.name }
}

/// The migrations of an app.
public struct DeploymentMigrations: Sendable, Hashable {
    /// The path of the folder, absolute.
    public var folder: String
    /// The role that will own what they create; the deploying role when nil.
    public var owner: String?

    /// Migrations from their parts.
    public init(folder: String, owner: String? = nil) {
        self.folder = folder
        self.owner = owner
    }
}

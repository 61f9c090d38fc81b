//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AppManifest
public import LakebaseSchema

/// The desired state of an environment, with every file and migration.
///
/// A plan compares it with an ``ObservedState``. ``of(_:stager:progress:)`` reads it from the files of an environment.
public struct DesiredState: Sendable, Hashable {
    /// The grantee of privileges.
    public enum Grantee: Sendable, Hashable {
        /// The service principal of the app, whose name is known once the app exists.
        case app
        /// Another principal.
        case principal(DeploymentPermission.Principal)
    }

    /// The privileges of a grantee in the schema.
    public struct Grant: Sendable, Hashable {
        /// Who.
        public var grantee: Grantee
        /// What.
        public var access: DeploymentAccess

        /// A grant from its parts.
        public init(_ grantee: Grantee, _ access: DeploymentAccess) {
            self.grantee = grantee
            self.access = access
        }
    }

    /// The environment in `deployment.yaml`.
    public var environment: DeploymentEnvironment
    /// The migrations, in order.
    public var migrations: [Migration]
    /// The files of the app; `app.yaml` is generated.
    public var source: SourceFiles
    /// The command that starts the app; nil for the platform's own choice.
    public var command: [String]?

    /// A state from its parts.
    public init(
        environment: DeploymentEnvironment, migrations: [Migration] = [], source: SourceFiles = SourceFiles(),
        command: [String]? = nil
    ) {
        self.environment = environment
        self.migrations = migrations
        self.source = source
        self.command = command
    }

    /// The name of the app.
    public var app: String { self.environment.app.name }
    /// The database.
    public var lakebase: DeploymentLakebase { self.environment.lakebase }
    /// The role that owns the schema and its tables; the deploying user's role when nil.
    public var owner: String? { self.environment.migrations?.owner }

    /// The privileges to grant, the app's first.
    public var grants: [Grant] {
        [Grant(.app, self.lakebase.appAccess)]
            + self.lakebase.permissions.map { Grant(.principal($0.principal), $0.access) }
    }

    /// The schema with the table of applied migrations.
    ///
    /// Each schema has its own, so that the migrations of another app in the same database do not count as missing.
    public var historySchema: String { "\(self.lakebase.schema)_migrations" }
}

extension DesiredState.Grantee: CustomStringConvertible {
    /// The grantee in words.
    public var description: String {
        switch self {
        case .app: "the app"
        case .principal(let principal): principal.role
        }
    }

    /// Returns the name of the role; nil for an app that does not exist yet.
    func role(app: String?) -> String? {
        switch self {
        case .app: app
        case .principal(let principal): principal.role
        }
    }
}

extension DeploymentAccess {
    /// The access in a few words.
    var summary: String {
        switch self {
        case .preset(let preset): preset.rawValue
        case .privileges(let privileges):
            privileges.sorted { $0.key < $1.key }.map { kind, list in
                "\(list.sorted().map(\.rawValue).joined(separator: ", ")) on \(kind.rawValue)"
            }.joined(separator: "; ")
        }
    }
}

extension DeploymentLakebase.Autoscaling {
    /// The full name of the project.
    var projectName: String { "projects/\(self.project)" }
    /// The full name of the branch.
    var branchName: String { "\(self.projectName)/branches/\(self.branch)" }
    /// Whether the branch is the project's default branch, which cannot be deleted by itself (Databricks: Manage branches).
    var isRoot: Bool { self.branch == Self.defaultBranch }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AppManifest
public import LakebaseSchema

/// What an environment is to be, with every file and migration: what a plan is made from.
///
/// A value without clock, disk or network; ``of(_:stager:progress:)`` makes it of an environment.
public struct DesiredState: Sendable, Hashable {
    /// Who is allowed something.
    public enum Grantee: Sendable, Hashable {
        /// The service principal of the app, whose name is known once there is one.
        case app
        /// Another principal.
        case principal(DeploymentPermission.Principal)
    }

    /// What a principal is to be allowed in the schema.
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

    /// What `deployment.yaml` says.
    public var environment: DeploymentEnvironment
    /// The migrations, in order.
    public var migrations: [Migration]
    /// The files to be run; `app.yaml` is made.
    public var source: SourceFiles
    /// What starts the app; nil leaves it to the platform.
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
    /// The role that owns schema and tables; that of the user who deploys when nil.
    public var owner: String? { self.environment.migrations?.owner }

    /// Who is allowed what: the app first.
    public var grants: [Grant] {
        [Grant(.app, self.lakebase.appAccess)]
            + self.lakebase.permissions.map { Grant(.principal($0.principal), $0.access) }
    }

    /// The schema with the table of the migrations that ran.
    ///
    /// One for each schema, so that two apps in one database do not take each other's migrations for lost ones.
    public var historySchema: String { "\(self.lakebase.schema)_migrations" }
}

extension DesiredState.Grantee: CustomStringConvertible {
    /// Who, in words.
    public var description: String {
        switch self {
        case .app: "the app"
        case .principal(let principal): principal.role
        }
    }

    /// The name of the role; nil for an app that is not there yet.
    func role(app: String?) -> String? {
        switch self {
        case .app: app
        case .principal(let principal): principal.role
        }
    }
}

extension DeploymentAccess {
    /// What it is, in a few words.
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

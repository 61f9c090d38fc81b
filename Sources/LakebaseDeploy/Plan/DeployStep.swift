//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// One thing that is done on the way to an environment.
///
/// Each can be done again without harm: it looks at what is there first.
public enum DeployStep: Sendable, Hashable {
    /// Make a project, with its first branch and endpoint.
    case createProject(DeploymentLakebase.Autoscaling)
    /// Make a branch.
    case createBranch(DeploymentLakebase.Autoscaling)
    /// Wait for a branch that is being made.
    case awaitBranch(String)
    /// Give the endpoint that writes a branch its compute units.
    case resizeEndpoint(branch: String, capacity: ComputeRange, from: String?)
    /// Make an instance.
    case createInstance(DeploymentLakebase.Provisioned)
    /// Wait for an instance that is being made or changed.
    case awaitInstance(String)
    /// Give an instance its capacity.
    case resizeInstance(String, capacity: InstanceCapacity, from: String)
    /// Start an instance that is stopped.
    case startInstance(String)
    /// Make a database.
    case createDatabase(String)
    /// Make an app with a service principal of its own, and attach the database.
    case createApp(String, description: String?)
    /// Change what the app is for.
    case describeApp(String, description: String)
    /// Attach the database to the app, beside what is attached.
    case attachDatabase(app: String, key: String)
    /// Start the compute of the app.
    case startApp(String)
    /// Make a role for a principal.
    case createRole(DesiredState.Grantee)
    /// Make the role that is to own schema and tables, and make the user who deploys a member of it.
    case createOwner(String)
    /// Make the schema.
    case createSchema(String, owner: String?)
    /// Bring the files in the workspace up to date.
    case upload(app: String, write: [String], remove: [String])
    /// Run migrations.
    case migrate([String], owner: String?)
    /// Give a principal what is missing.
    case grant(DesiredState.Grant, missing: [String])
    /// Run what was uploaded, and wait until it does.
    case deploy(app: String, reason: String)

    /// Delete the app and its service principal.
    case deleteApp(String)
    /// Delete the files in the workspace.
    case deleteFiles(String)
    /// Delete a database with its data.
    case deleteDatabase(String)
    /// Delete a branch with its data.
    case deleteBranch(String)
    /// Delete a project with its data.
    case deleteProject(String)
    /// Delete an instance with its data.
    case deleteInstance(String)
}

extension DeployStep {
    /// What a step does to the world.
    public enum Effect: String, Sendable, Hashable, CaseIterable {
        /// Something new.
        case create
        /// Something that is there becomes different.
        case change
        /// Something goes away.
        case remove
        /// Something happens.
        case run
    }

    /// What it does to the world.
    public var effect: Effect {
        switch self {
        case .createProject, .createBranch, .createInstance, .createDatabase, .createApp, .createRole, .createOwner,
            .createSchema:
            .create
        case .resizeEndpoint, .resizeInstance, .describeApp, .attachDatabase, .grant, .upload: .change
        case .awaitBranch, .awaitInstance, .startInstance, .startApp, .migrate, .deploy: .run
        case .deleteApp, .deleteFiles, .deleteDatabase, .deleteBranch, .deleteProject, .deleteInstance: .remove
        }
    }

    /// The kind of thing, in one word.
    public var kind: String {
        switch self {
        case .createProject, .deleteProject: "project"
        case .createBranch, .awaitBranch, .deleteBranch: "branch"
        case .resizeEndpoint: "endpoint"
        case .createInstance, .awaitInstance, .resizeInstance, .startInstance, .deleteInstance: "instance"
        case .createDatabase, .deleteDatabase: "database"
        case .createApp, .describeApp, .startApp, .deleteApp: "app"
        case .attachDatabase: "resource"
        case .createRole, .createOwner: "role"
        case .createSchema: "schema"
        case .upload, .deleteFiles: "files"
        case .migrate: "migrations"
        case .grant: "privileges"
        case .deploy: "deployment"
        }
    }

    /// Which one.
    public var subject: String {
        switch self {
        case .createProject(let place): place.project
        case .createBranch(let place): "\(place.project)/\(place.branch)"
        case .resizeEndpoint(let branch, _, _): branch
        case .createInstance(let place): place.instance
        case .awaitBranch(let name), .awaitInstance(let name), .resizeInstance(let name, _, _),
            .startInstance(let name), .createDatabase(let name),
            .createApp(let name, _), .describeApp(let name, _), .startApp(let name), .createOwner(let name),
            .createSchema(let name, _),
            .upload(let name, _, _), .deploy(let name, _), .deleteApp(let name), .deleteFiles(let name),
            .deleteDatabase(let name), .deleteBranch(let name), .deleteProject(let name), .deleteInstance(let name):
            name
        case .attachDatabase(let app, let key): "\(key) of \(app)"
        case .createRole(let grantee): grantee.description
        case .migrate(let names, _): "\(names.count)"
        case .grant(let grant, _): "\(grant.grantee)"
        }
    }

    /// More about it, a line each.
    public var details: [String] {
        switch self {
        case .createProject(let place):
            [place.capacity.map { "\($0) compute units" }].compactMap { $0 }
        case .createBranch(let place):
            [
                "from \(place.origin?.branch ?? "the default branch")",
                place.origin?.ttl.map { "for \($0)" } ?? "without an end",
            ]
        case .resizeEndpoint(_, let capacity, let old):
            ["\(capacity) compute units\(old.map { ", now \($0)" } ?? "")"]
        case .createInstance(let place): [(place.capacity ?? .cu1).rawValue]
        case .resizeInstance(_, let capacity, let old): ["\(capacity.rawValue), now \(old)"]
        case .awaitBranch, .awaitInstance, .startInstance, .createDatabase, .startApp, .createRole, .deleteFiles: []
        case .createApp: ["with a service principal of its own and the database attached"]
        case .describeApp(_, let description): [description]
        case .attachDatabase: ["beside what is attached"]
        case .createOwner: ["without a login, with the deploying role as its member"]
        case .createSchema(_, let owner): [owner.map { "owned by \($0)" }].compactMap { $0 }
        case .upload(_, let write, let remove): write.map { "write \($0)" } + remove.map { "remove \($0)" }
        case .migrate(let names, let owner): names + [owner.map { "as \($0)" }].compactMap { $0 }
        case .grant(let grant, let missing): missing.isEmpty ? [grant.access.summary] : missing
        case .deploy(_, let reason): [reason]
        case .deleteApp: ["with its service principal"]
        case .deleteDatabase, .deleteBranch, .deleteProject, .deleteInstance: ["with all data in it, for good"]
        }
    }

    /// The step in one line, such as `create project notes`.
    public var title: String {
        switch self {
        case .awaitBranch, .awaitInstance: "wait for \(self.kind) \(self.subject)"
        case .startInstance, .startApp: "start \(self.kind) \(self.subject)"
        case .migrate(let names, _): "run \(names.count) migration\(names.count == 1 ? "" : "s")"
        case .attachDatabase: "attach the database as resource \(self.subject)"
        case .upload(let app, let write, let remove):
            "upload \(write.count) and remove \(remove.count) files of \(app)"
        case .grant(let grant, _): "give \(grant.grantee) privileges: \(grant.access.summary)"
        case .deploy(let app, _): "deploy \(app)"
        case .describeApp(let app, _): "describe app \(app)"
        case .resizeEndpoint, .resizeInstance: "resize \(self.kind) \(self.subject)"
        case .createProject, .createBranch, .createInstance, .createDatabase, .createApp, .createRole, .createOwner,
            .createSchema:
            "create \(self.kind) \(self.subject)"
        case .deleteApp, .deleteFiles, .deleteDatabase, .deleteBranch, .deleteProject, .deleteInstance:
            "delete \(self.kind) \(self.subject)"
        }
    }
}

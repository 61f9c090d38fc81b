//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension DeployStep {
    /// What a step does to the environment.
    public enum Effect: String, Sendable, Hashable, CaseIterable {
        /// Creates something.
        case create
        /// Changes something that exists.
        case change
        /// Deletes something.
        case remove
        /// Starts something, waits for something, or runs something.
        case run
    }

    /// What an update of a deployed environment does with a step.
    enum UpdateRule: Sendable, Hashable {
        /// The step belongs to an update.
        case included
        /// The step creates what an update requires, so that the update is refused.
        case required
        /// The step is left for `lakebase deploy apply`, with a warning.
        case postponed
    }

    /// Everything about a step that plans, reports and updates need to know.
    public struct Facts: Sendable, Hashable {
        /// What the step does to the environment.
        public var effect: Effect
        /// The kind of thing, in one word, such as `branch`.
        public var kind: String
        /// The name of the thing.
        public var subject: String
        /// The step in one line, such as `create project notes`.
        public var title: String
        /// More about the step, a line each.
        public var details: [String]
        /// What an update does with the step.
        var update: UpdateRule

        init(
            _ effect: Effect, _ kind: String, _ subject: String, title: String, details: [String] = [],
            update: UpdateRule
        ) {
            self.effect = effect
            self.kind = kind
            self.subject = subject
            self.title = title
            self.details = details
            self.update = update
        }

        /// Creates something, which an update requires.
        fileprivate static func create(_ kind: String, _ subject: String, _ details: [String] = []) -> Facts {
            Facts(
                .create, kind, subject, title: "create \(kind) \(subject)", details: details, update: .required)
        }

        /// Deletes something.
        fileprivate static func delete(_ kind: String, _ subject: String, _ details: [String] = []) -> Facts {
            Facts(
                .remove, kind, subject, title: "delete \(kind) \(subject)", details: details, update: .postponed)
        }
    }

    /// Everything about this step; the one place that describes a new kind of step.
    public var facts: Facts {
        let withData = ["with all data in it, permanently"]
        switch self {
        case .createProject(let place):
            return .create("project", place.project, place.capacity.map { ["\($0) compute units"] } ?? [])
        case .createBranch(let place):
            return .create(
                "branch", "\(place.project)/\(place.branch)",
                [
                    "from \(place.origin?.branch ?? "the default branch")",
                    place.origin?.ttl.map { "expires after \($0)" } ?? "never expires",
                ])
        case .awaitBranch(let name):
            return Facts(.run, "branch", name, title: "wait for branch \(name)", update: .included)
        case .resizeEndpoint(let branch, let capacity, let old):
            return Facts(
                .change, "endpoint", branch, title: "resize endpoint \(branch)",
                details: ["\(capacity) compute units\(old.map { ", now \($0)" } ?? "")"], update: .postponed)
        case .createInstance(let place):
            return .create("instance", place.instance, [(place.capacity ?? .cu1).rawValue])
        case .awaitInstance(let name):
            return Facts(.run, "instance", name, title: "wait for instance \(name)", update: .included)
        case .resizeInstance(let name, let capacity, let old):
            return Facts(
                .change, "instance", name, title: "resize instance \(name)",
                details: ["\(capacity.rawValue), now \(old)"], update: .postponed)
        case .startInstance(let name):
            return Facts(.run, "instance", name, title: "start instance \(name)", update: .included)
        case .createDatabase(let name): return .create("database", name)
        case .createApp(let name, _):
            return .create("app", name, ["with a service principal of its own and the database attached"])
        case .describeApp(let name, let description):
            return Facts(
                .change, "app", name, title: "change the description of app \(name)", details: [description],
                update: .postponed)
        case .attachDatabase(let app, let key):
            return Facts(
                .change, "resource", "\(key) of \(app)",
                title: "attach the database as resource \(key) of \(app)",
                details: ["the other resources stay attached"], update: .required)
        case .startApp(let name): return Facts(.run, "app", name, title: "start app \(name)", update: .included)
        case .createRole(let grantee): return .create("role", grantee.description)
        case .createOwner(let name):
            return .create("role", name, ["without a login; the deploying role becomes a member"])
        case .createSchema(let name, let owner):
            return .create("schema", name, owner.map { ["owned by \($0)"] } ?? [])
        case .upload(let app, let write, let remove):
            return Facts(
                .change, "files", app, title: "upload \(write.count) and remove \(remove.count) files of \(app)",
                details: write.map { "write \($0)" } + remove.map { "remove \($0)" }, update: .included)
        case .migrate(let names, let owner):
            return Facts(
                .run, "migrations", "\(names.count)",
                title: "run \(names.count) migration\(names.count == 1 ? "" : "s")",
                details: names + (owner.map { ["as \($0)"] } ?? []), update: .included)
        case .grant(let grant, let missing):
            return Facts(
                .change, "privileges", "\(grant.grantee)",
                title: "grant privileges to \(grant.grantee): \(grant.access.summary)",
                details: missing.isEmpty ? [grant.access.summary] : missing, update: .included)
        case .deploy(let app, let reason):
            return Facts(
                .run, "deployment", app, title: "deploy \(app)", details: [reason], update: .included)
        case .deleteApp(let name): return .delete("app", name, ["with its service principal"])
        case .deleteFiles(let path): return .delete("files", path)
        case .deleteDatabase(let name): return .delete("database", name, withData)
        case .deleteBranch(let name): return .delete("branch", name, withData)
        case .deleteProject(let name): return .delete("project", name, withData)
        case .deleteInstance(let name): return .delete("instance", name, withData)
        }
    }

    /// What the step does to the environment.
    public var effect: Effect { self.facts.effect }
    /// The kind of thing, in one word.
    public var kind: String { self.facts.kind }
    /// The name of the thing.
    public var subject: String { self.facts.subject }
    /// The step in one line, such as `create project notes`.
    public var title: String { self.facts.title }
    /// More about the step, a line each.
    public var details: [String] { self.facts.details }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import LakebaseSchema

/// Creates a plan, part by part, in the order of dependencies.
struct PlanMaker {
    let desired: DesiredState
    let observed: ObservedState
    var plan: DeployPlan
    /// The key of the database among the app's resources.
    private var key: String

    init(desired: DesiredState, observed: ObservedState) {
        self.desired = desired
        self.observed = observed
        self.plan = DeployPlan(environment: desired.environment.title, steps: [])
        self.key = desired.lakebase.resource
    }

    private mutating func keep(_ line: String) { self.plan.kept.append(line) }
    private mutating func add(_ step: DeployStep) { self.plan.steps.append(step) }

    // MARK: Where the data is

    mutating func planBranch(_ place: DeploymentLakebase.Autoscaling) throws {
        if let deleted = self.observed.project?.deleteTime {
            throw DeployError(
                .conflict,
                "the project \(place.project) was deleted at \(RFC3339.string(from: deleted)) and can still be restored",
                remedy: "restore it (undelete), delete it permanently (purge), or choose another project")
        }
        if self.observed.project == nil {
            self.add(.createProject(place))
        } else {
            self.keep("project \(place.project)")
        }
        guard let branch = self.observed.branch else {
            if !place.isRoot {
                guard place.origin != nil else {
                    throw DeployError(
                        .invalid,
                        "there is no branch \(place.branchName), and deployment.yaml does not say from which branch to create it",
                        remedy: "set branch_from in deployment.yaml, or name an existing branch")
                }
                self.add(.createBranch(place))
                // It begins with the project's default units.
                if let capacity = place.capacity {
                    self.add(.resizeEndpoint(branch: place.branchName, capacity: capacity, from: nil))
                }
            }
            return
        }
        if let source = place.origin?.branch, let actual = branch.status?.sourceBranch,
            actual != "\(place.projectName)/branches/\(source)"
        {
            self.plan.warnings.append(
                "the branch \(place.branch) was created from \(actual), not from \(source); delete it to create it again"
            )
        }
        self.keep("branch \(place.branchName)")
        let state = branch.status?.currentState
        if state == .initializing || state == .importing || state == .resetting {
            self.add(.awaitBranch(place.branchName))
        }
        self.planEndpoint(place)
    }

    private mutating func planEndpoint(_ place: DeploymentLakebase.Autoscaling) {
        guard let capacity = place.capacity, let endpoint = self.observed.endpoint else { return }
        let status = endpoint.status
        if let least = status?.autoscalingLimitMinCU, let most = status?.autoscalingLimitMaxCU {
            guard least != capacity.minimum || most != capacity.maximum else {
                self.keep("endpoint of \(place.branch), \(capacity) compute units")
                return
            }
            self.add(.resizeEndpoint(branch: place.branchName, capacity: capacity, from: "\(least)..\(most)"))
        } else {
            self.add(.resizeEndpoint(branch: place.branchName, capacity: capacity, from: nil))
        }
    }

    mutating func planInstance(_ place: DeploymentLakebase.Provisioned) throws {
        guard let instance = self.observed.instance else {
            self.add(.createInstance(place))
            return
        }
        if instance.state == .deleting {
            throw DeployError(
                .conflict, "the instance \(place.instance) is being deleted",
                remedy: "wait until it is deleted, and run this again")
        }
        if [.starting, .updating, .failingOver].contains(instance.state) { self.add(.awaitInstance(place.instance)) }
        if let capacity = place.capacity, let actual = instance.effectiveCapacity ?? instance.capacity,
            actual != capacity.rawValue
        {
            self.add(.resizeInstance(place.instance, capacity: capacity, from: actual))
        } else {
            self.keep("instance \(place.instance)")
        }
        if instance.effectiveStopped == true { self.add(.startInstance(place.instance)) }
    }

    // MARK: The app

    mutating func planApp() throws {
        try self.planDatabaseItself()
        guard let app = self.observed.app else {
            self.add(.createApp(self.desired.app, description: self.desired.environment.app.description))
            return
        }
        var isSame = true
        if let description = self.desired.environment.app.description, description != app.description ?? "" {
            self.add(.describeApp(app.name, description: description))
            isSame = false
        }
        if isSame { self.keep("app \(app.name)") }
        try self.planResource(app)
        if app.computeStatus?.state == .stopped || app.computeStatus?.state == .stopping {
            self.add(.startApp(app.name))
        }
    }

    private mutating func planDatabaseItself() throws {
        switch self.desired.lakebase.target {
        case .autoscaling:
            // A branch that is yet to be made may bring it along; the step looks.
            guard self.observed.database == nil else { return self.keep("database \(self.desired.lakebase.database)") }
            let comesByItself =
                self.observed.branch == nil && self.desired.lakebase.database == DeploymentLakebase.defaultDatabase
            if !comesByItself { self.add(.createDatabase(self.desired.lakebase.database)) }
        case .provisioned:
            if self.observed.contents?.hasDatabase == true {
                return self.keep("database \(self.desired.lakebase.database)")
            }
            if self.desired.lakebase.database != DeploymentLakebase.defaultDatabase {
                self.add(.createDatabase(self.desired.lakebase.database))
            }
        }
    }

    private mutating func planResource(_ app: Apps.App) throws {
        let attached = app.resources ?? []
        let wanted = DeployPlan.resource(self.desired, database: self.databaseResource)
        self.key = AppResources.key(of: wanted, among: attached)
        if try AppResources.attaching(wanted, to: attached) != nil {
            self.add(.attachDatabase(app: app.name, key: self.key))
        }
        for resource in attached where resource.name != self.key {
            self.keep("resource \(AppResources.text(resource))")
        }
        if self.plan.steps.last.map({ if case .attachDatabase = $0 { false } else { true } }) ?? true {
            self.keep("resource \(AppResources.text(attached.first { $0.name == self.key } ?? wanted))")
        }
    }

    /// The name by which a resource refers to the database; a placeholder that no resource uses if the database does not exist yet.
    private var databaseResource: String {
        switch self.desired.lakebase.target {
        case .autoscaling: self.observed.database?.name ?? "(the new database)"
        case .provisioned: self.desired.lakebase.database
        }
    }

    // MARK: What is in the database

    mutating func planDatabase() throws {
        guard self.desired.historySchema.utf8.count <= 63 else {
            throw DeployError(
                .invalid, "the name of the schema \(self.desired.lakebase.schema) is too long",
                remedy:
                    "choose a shorter one: PostgreSQL cuts names at 63 bytes, and the name \(self.desired.historySchema) is derived from it"
            )
        }
        let contents = self.observed.contents.flatMap { $0.hasDatabase ? $0 : nil }
        if self.observed.contents == nil, self.observed.branch != nil || self.observed.instance != nil {
            self.plan.warnings.append(
                "the database cannot be read now: the plan has every step in it, and steps that are not needed are skipped"
            )
        }
        if let problems = contents?.roleProblems, !problems.isEmpty {
            throw DeployError(
                .conflict, "existing roles cannot be used, and are left as they are", details: problems,
                remedy: "follow the advice for each role, and run this again; nothing was changed")
        }
        for grant in self.desired.grants {
            // That of the app comes with the resource.
            guard let name = self.role(of: grant.grantee), grant.grantee != .app else { continue }
            if contents?.hasRole(name) == true {
                self.keep("role \(name)")
            } else {
                let step = DeployStep.createRole(grant.grantee)
                if !self.plan.steps.contains(step) { self.add(step) }
            }
        }
        if let owner = self.desired.owner {
            if contents?.hasRole(owner) == true {
                self.keep("role \(owner)")
            } else {
                self.add(.createOwner(owner))
            }
        }
        if let owner = contents?.schemaOwner {
            self.keep("schema \(self.desired.lakebase.schema), owned by \(owner)")
        } else {
            self.add(.createSchema(self.desired.lakebase.schema, owner: self.desired.owner))
        }
        try self.planMigrations(contents)
        self.planGrants(contents)
        self.plan.warnings += contents?.leftOut ?? []
        for stranger in contents?.strangers ?? [] {
            self.plan.warnings.append(
                "\(stranger), which is neither the deploying user nor the app: see lakebase grants transfer")
        }
    }

    private mutating func planMigrations(_ contents: ObservedState.Contents?) throws {
        let pending: [Migration]
        if let known = contents?.migrations {
            pending = try known.up()
            let count = known.entries.count { $0.state == .applied }
            if count > 0 { self.keep("\(count) applied migration\(count == 1 ? "" : "s")") }
        } else {
            pending = self.desired.migrations
        }
        if !pending.isEmpty { self.add(.migrate(pending.map(\.source), owner: self.desired.owner)) }
    }

    private mutating func planGrants(_ contents: ObservedState.Contents?) {
        for (index, grant) in self.desired.grants.enumerated() {
            let role = self.role(of: grant.grantee)
            guard let contents, let role, contents.hasRole(role), contents.schemaOwner != nil,
                contents.missing.indices.contains(index)
            else {
                self.add(.grant(grant, missing: []))
                continue
            }
            if contents.missing[index].isEmpty {
                // Migrations may make what it has no privileges on.
                if self.plan.steps.contains(where: { if case .migrate = $0 { true } else { false } }) {
                    self.add(.grant(grant, missing: []))
                } else {
                    self.keep("privileges of \(role): \(grant.access.summary)")
                }
            } else {
                self.add(.grant(grant, missing: contents.missing[index]))
            }
        }
    }

    private func role(of grantee: DesiredState.Grantee) -> String? {
        grantee.role(app: self.observed.app?.servicePrincipalClientID)
    }

    // MARK: The version that runs

    /// The files are uploaded before migrations run: steps that are likely to fail come before steps that cannot be undone.
    mutating func planFiles() throws {
        let files = try DeployPlan.files(self.desired, key: self.key)
        guard files.files.count > 1 || self.desired.command != nil else {
            throw DeployError(
                .invalid, "there is nothing to run: the source is empty and no command is set",
                remedy: "set the app's source and command in deployment.yaml")
        }
        let changes = self.observed.folder.changes(to: files)
        if changes.isEmpty {
            self.keep("\(files.files.count) files in the workspace")
        } else {
            self.add(.upload(app: self.desired.app, write: changes.write.map(\.path), remove: changes.remove))
        }
    }

    mutating func planDeployment() throws {
        if let reason = try self.reasonToDeploy() {
            self.add(.deploy(app: self.desired.app, reason: reason))
        } else {
            self.keep("deployment \(self.observed.app?.activeDeployment?.deploymentID ?? "")")
        }
    }

    private func reasonToDeploy() throws -> String? {
        guard let app = self.observed.app else { return "the first deployment" }
        if self.plan.steps.contains(where: { if case .upload = $0 { true } else { false } }) {
            return "the files changed"
        }
        guard let active = app.activeDeployment?.deploymentID else { return "nothing is deployed" }
        let record = self.observed.folder.record.deployment
        guard record?.id == active else { return "another deployment is active" }
        guard try record?.fingerprint == DeployPlan.fingerprint(self.desired, key: self.key) else {
            return "the deployed version is older"
        }
        if self.plan.steps.contains(where: { if case .attachDatabase = $0 { true } else { false } }) {
            return "the database is attached again"
        }
        return app.appStatus?.state == .crashed ? "the app has crashed" : nil
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Databricks
internal import ExactText

extension DeployPlan {
    /// Returns the plan that deletes an environment.
    ///
    /// The app is deleted, with its service principal and its files. Data is deleted only when that is requested.
    ///
    /// - Parameters:
    ///   - environment: The environment to delete.
    ///   - observed: The observed state.
    ///   - deletesData: Whether the data goes too, see ``DeploymentEnvironment/dataName``.
    /// - Throws: ``DeployError`` when more than the data of this environment would be deleted.
    public static func deleting(_ environment: DeploymentEnvironment, _ observed: ObservedState, deletesData: Bool)
        throws(DeployError) -> DeployPlan
    {
        var plan = DeployPlan(environment: environment.title, steps: [])
        if observed.app != nil || observed.isAppLeaving { plan.steps.append(.deleteApp(environment.app.name)) }
        let folder = WorkspaceFolder.path(app: environment.app.name, of: observed.deployer)
        if observed.folder.isThere { plan.steps.append(.deleteFiles(folder)) }
        if let source = observed.app?.activeDeployment?.sourceCodePath, !source.startsExactly(with: folder + "/") {
            plan.kept.append("files in \(source), which another user deployed")
        }
        if deletesData {
            try plan.deleteData(environment, observed)
        } else {
            plan.keepData(environment, observed)
        }
        return plan
    }

    private mutating func deleteData(_ environment: DeploymentEnvironment, _ observed: ObservedState)
        throws(DeployError)
    {
        let database = environment.lakebase.database
        switch environment.lakebase.target {
        case .autoscaling(let place):
            guard observed.project != nil, observed.project?.deleteTime == nil, observed.branch != nil else { return }
            if environment.hasOwnDatabase {
                if observed.database != nil { self.steps.append(.deleteDatabase(database)) }
                self.kept.append("branch \(place.branchName) and its other databases")
                return
            }
            try Self.refuse(observed.otherDatabases.map { "database \($0)" }, beside: environment)
            guard place.isRoot else {
                self.steps.append(.deleteBranch(place.branchName))
                self.kept.append("project \(place.project) and its other branches")
                return
            }
            try Self.refuse(observed.otherBranches.map { "branch \($0)" }, beside: environment)
            self.steps.append(.deleteProject(place.projectName))
        case .provisioned(let place):
            guard let instance = observed.instance else { return }
            if environment.hasOwnDatabase {
                self.steps.append(.deleteDatabase(database))
                self.kept.append("instance \(place.instance) and its other databases")
                return
            }
            try Self.refuse(observed.otherDatabases.map { "database \($0)" }, beside: environment)
            let children = instance.childInstanceRefs ?? []
            try Self.refuse(children.map { "child \($0.name ?? $0.uid ?? "?")" }, beside: environment)
            self.steps.append(.deleteInstance(place.instance))
        }
    }

    /// Refuses to delete what does not belong to this environment.
    private static func refuse(_ others: [String], beside environment: DeploymentEnvironment) throws(DeployError) {
        guard !others.isEmpty else { return }
        throw DeployError(
            .conflict,
            "the data of \(environment.title) cannot be deleted alone: \(environment.dataName) also has these",
            details: others.sorted(), remedy: "delete them first, if they are not needed")
    }

    private mutating func keepData(_ environment: DeploymentEnvironment, _ observed: ObservedState) {
        let isThere: Bool
        switch environment.lakebase.target {
        case .autoscaling(let place):
            isThere = observed.branch != nil
            if observed.project != nil { self.kept.append("project \(place.project)") }
            if isThere { self.kept.append("branch \(place.branchName) with all its data") }
        case .provisioned(let place):
            isThere = observed.instance != nil
            if isThere { self.kept.append("instance \(place.instance) with all its data") }
        }
        if isThere, let role = observed.app?.servicePrincipalClientID {
            self.kept.append("role \(role) of the app in the database, with what it owns")
            self.warnings.append(
                "a new app gets a new role; to give it what the old one owns: lakebase grants transfer --from \(role)"
            )
        }
    }
}

extension DeploymentEnvironment {
    /// Whether the environment has a database of its own, so that its data is this database only.
    var hasOwnDatabase: Bool { self.lakebase.database != DeploymentLakebase.defaultDatabase }

    /// The name of the environment's data, which confirms its deletion.
    ///
    /// It is `project/branch`, `project` for the default branch, which is deleted with its project only, or the instance. With a database of
    /// its own `/database` is appended, and only this database is deleted.
    public var dataName: String {
        let place =
            switch self.lakebase.target {
            case .autoscaling(let place):
                place.isRoot && !self.hasOwnDatabase ? place.project : "\(place.project)/\(place.branch)"
            case .provisioned(let place): place.instance
            }
        return self.hasOwnDatabase ? "\(place)/\(self.lakebase.database)" : place
    }
}

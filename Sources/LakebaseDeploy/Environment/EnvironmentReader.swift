//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText

/// Reads what an environment is, from the workspace and from its database, and changes nothing.
///
/// A plan is made from what it reads. The steps of a plan read again through it before they change anything.
struct EnvironmentReader: Sendable {
    /// The workspace, and the identity that calls it.
    let workspace: WorkspaceClient
    /// Connects to the environment's database.
    let database: DatabaseConnector

    /// Reads everything that a plan is made from: the workspace, and the database if it can be reached.
    func observe(_ desired: DesiredState) async throws -> ObservedState {
        var state = try await self.observe(desired.environment)
        state.contents = try await self.contents(desired, state)
        return state
    }

    /// Reads what the workspace knows of an environment; its database is not connected to.
    func observe(_ environment: DeploymentEnvironment) async throws -> ObservedState {
        var state = ObservedState(deployer: try await self.userName())
        switch environment.lakebase.target {
        case .autoscaling(let branch): try await self.observe(branch, database: environment.lakebase.database, &state)
        case .provisioned(let wanted):
            state.instance = try await Self.ifFound { () async throws(DatabricksError) in
                try await self.workspace.database.getDatabaseInstance(wanted.instance)
            }
        }
        let app = try await self.app(environment.app.name)
        state.isAppLeaving = app?.computeStatus?.state == .deleting
        state.app = state.isAppLeaving ? nil : app
        state.folder = try await self.folder(WorkspaceFolder.path(app: environment.app.name, of: state.deployer))
        return state
    }

    /// The name of the user who deploys, which is also the name of their role.
    func userName() async throws -> String {
        guard let name = try await self.workspace.currentUser.me().userName, !name.isEmpty else {
            throw DeployError(
                .invalid, "the workspace does not say who owns these credentials", remedy: "lakebase auth describe")
        }
        return name
    }

    private func observe(
        _ place: DeploymentLakebase.Autoscaling, database: String, _ state: inout ObservedState
    ) async throws {
        let postgres = self.workspace.postgres
        state.project = try await Self.ifFound { () async throws(DatabricksError) in
            try await postgres.getProject(place.projectName)
        }
        guard let project = state.project, project.deleteTime == nil else { return }
        state.branch = try await Self.ifFound { () async throws(DatabricksError) in
            try await postgres.getBranch(place.branchName)
        }
        for branch in try await postgres.listBranches(parent: place.projectName).all()
        where branch.name != place.branchName && branch.status?.deleteTime == nil {
            state.otherBranches.append(branch.name?.splitExactly(at: "/").last.map(String.init) ?? "?")
        }
        guard state.branch != nil else { return }
        state.endpoint = try await self.endpoint(of: place.branchName)
        for found in try await postgres.listDatabases(parent: place.branchName).all() {
            let name = found.status?.postgresDatabase
            if name?.isExactly(database) == true {
                state.database = found
            } else if let name, name != DeploymentLakebase.defaultDatabase {
                state.otherDatabases.append(name)
            }
        }
    }
}

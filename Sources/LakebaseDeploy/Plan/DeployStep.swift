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

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A step of a deployment.
///
/// Each step can be repeated: it reads the current state first.
public enum DeployStep: Sendable, Hashable {
    /// Create a project, with its first branch and endpoint.
    case createProject(DeploymentLakebase.Autoscaling)
    /// Create a branch.
    case createBranch(DeploymentLakebase.Autoscaling)
    /// Wait for a branch that is being created.
    case awaitBranch(String)
    /// Change the compute units of a branch's read-write endpoint.
    case resizeEndpoint(branch: String, capacity: ComputeRange, from: String?)
    /// Create an instance.
    case createInstance(DeploymentLakebase.Provisioned)
    /// Wait for an instance that is being created or changed.
    case awaitInstance(String)
    /// Change the capacity of an instance.
    case resizeInstance(String, capacity: InstanceCapacity, from: String)
    /// Start an instance that is stopped.
    case startInstance(String)
    /// Create a database.
    case createDatabase(String)
    /// Create an app with a service principal of its own, and attach the database.
    case createApp(String, description: String?)
    /// Change the description of the app.
    case describeApp(String, description: String)
    /// Attach the database to the app; the other resources stay attached.
    case attachDatabase(app: String, key: String)
    /// Start the compute of the app.
    case startApp(String)
    /// Create a role for a principal.
    case createRole(DesiredState.Grantee)
    /// Create the role that owns the schema and its tables, with the deploying user as a member.
    case createOwner(String)
    /// Create the schema.
    case createSchema(String, owner: String?)
    /// Update the files in the workspace.
    case upload(app: String, write: [String], remove: [String])
    /// Run migrations.
    case migrate([String], owner: String?)
    /// Grant a principal the missing privileges.
    case grant(DesiredState.Grant, missing: [String])
    /// Deploy the uploaded files, and wait until the app runs.
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

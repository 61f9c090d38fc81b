//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An action on the workspace that needs a right.
///
/// The route of a request finds the action from method and path alone, before the body is read. A request that is no action has no
/// other answer than an error.
enum WorkspaceAction: String, CaseIterable, Sendable {
    /// Reads the identity of the caller.
    case readSelf
    /// Mints a database credential for the caller itself.
    case mintCredential
    case listProjects, readProject, createProject, changeProject
    /// Reads the password of a Postgres role.
    case readRolePassword
    case listInstances, readInstance, createInstance, changeInstance
    case readPrincipals, changePrincipals
    /// Client secrets of service principals, with which a client signs in as one of them.
    case readSecrets, changeSecrets
    /// Scopes of secrets, which have permissions of their own.
    case readScopes, changeScopes
    case readFiles, changeFiles
    case listApps, readApp, createApp, changeApp
    case readPermissions, changePermissions
    /// The permissions on a project or an instance.
    case readProjectPermissions, changeProjectPermissions
    /// The logs of apps.
    case readLogs
    /// The state of the local workspace.
    case readStatus
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LocalWorkspace

/// The rights in the workspace: a table of actions by kinds of callers and scopes of their tokens.
///
/// The users of a local workspace and the service principals in its group `admins` are its administrators. Any other service
/// principal, such as that of an app, is an ordinary member: it reads all projects, creates and manages its own (Databricks: Manage
/// project permissions, where all users of the workspace inherit CAN CREATE), keeps files of its own, and mints its own database
/// credentials, which give it the privileges of its role.
enum WorkspaceRights {
    /// A rule of the table.
    enum Rule: Equatable, Sendable {
        case allowed
        /// Allowed on objects that the caller owns or has a permission on; the code of each object checks that.
        case given
        case denied
    }

    /// The rule for a service principal whose token has all scopes.
    static func ofServicePrincipal(_ action: WorkspaceAction) -> Rule {
        switch action {
        // The status shows the projects, which every caller may read, and the number of their sessions.
        case .readSelf, .mintCredential, .listProjects, .readProject, .createProject, .listInstances, .readInstance,
            .createInstance, .readStatus:
            .allowed
        case .changeProject, .changeInstance, .readRolePassword, .readFiles, .changeFiles, .listApps, .readApp,
            .changeApp, .readPermissions, .changePermissions, .readProjectPermissions, .changeProjectPermissions,
            .readScopes, .changeScopes:
            .given
        case .readPrincipals, .changePrincipals, .readSecrets, .changeSecrets, .createApp, .readLogs: .denied
        }
    }

    /// The scopes for an action: a token needs one of them, or `all-apis`.
    ///
    /// There are none for an action that an app must not do in the name of its visitor: one that gives more access than the token
    /// has, or for longer.
    static func scopes(for action: WorkspaceAction) -> [String] {
        switch action {
        case .readSelf: ["iam.current-user:read"]
        case .readPermissions, .readProjectPermissions: ["iam.access-control:read"]
        case .mintCredential: ["postgres", "database"]
        case .listProjects, .readProject: ["postgres"]
        case .listInstances, .readInstance: ["database"]
        case .createProject, .changeProject, .readRolePassword, .createInstance, .changeInstance, .readPrincipals,
            .changePrincipals, .readSecrets, .changeSecrets, .readScopes, .changeScopes, .readFiles, .changeFiles,
            .listApps, .readApp, .createApp,
            .changeApp, .changePermissions, .changeProjectPermissions, .readLogs, .readStatus:
            []
        }
    }

    /// Finds the rule for a caller.
    ///
    /// - Throws: 403 for what is denied.
    static func rule(_ action: WorkspaceAction, for identity: LocalIdentity) throws(APIFailure) -> Rule {
        if let scopes = identity.scopes, !scopes.hasEverything {
            let wanted = Self.scopes(for: action)
            guard wanted.contains(where: { scopes.has($0) }) else {
                let needed = (wanted.isEmpty ? [TokenScopes.everything] : wanted).joined(separator: " or ")
                throw APIFailure(
                    403, "PERMISSION_DENIED", "Provided OAuth token does not have required scopes: \(needed)")
            }
        }
        guard !identity.isAdministrator else { return .allowed }
        let rule = Self.ofServicePrincipal(action)
        if rule == .denied { throw Self.denied(identity, "Only administrators of the workspace may do this.") }
        return rule
    }

    /// 403 for a caller without the permission.
    static func denied(_ identity: LocalIdentity, _ why: String) -> APIFailure {
        APIFailure(
            403, "PERMISSION_DENIED",
            "User \(identity.userName) does not have permission to perform this action. \(why)")
    }
}

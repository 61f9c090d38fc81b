//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LocalWorkspace

/// Who may do what in the workspace: one table of actions by kinds of callers and scopes of their tokens.
///
/// The people of a local workspace and the service principals in its group `admins` are its administrators. Any other service
/// principal, as apps have them, is an ordinary member: it sees
/// projects and makes its own (Databricks: Manage project permissions, where all users of the workspace inherit CAN CREATE), keeps
/// files of its own, and mints its own Postgres passwords, which open what its role may open.
enum WorkspaceRights {
    /// A rule of the table.
    enum Rule: Equatable, Sendable {
        case allowed
        /// Only for what the caller owns or was given; those who keep it look.
        case given
        case denied
    }

    /// What a service principal may do with a token of all scopes.
    static func ofServicePrincipal(_ action: WorkspaceAction) -> Rule {
        switch action {
        // The status shows the projects that everybody sees, and how many sessions they have.
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

    /// The scopes of which a token needs one, beside `all-apis`, which is enough for everything.
    ///
    /// None for what must not be done in the name of a visitor of an app, whatever the app asks for: nothing that gives more
    /// access than the token has, or keeps it longer.
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

    /// What holds for a caller.
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
        if rule == .denied { throw Self.denied(identity, "The workspace allows this to its administrators.") }
        return rule
    }

    /// 403 for what a caller was not given.
    static func denied(_ identity: LocalIdentity, _ why: String) -> APIFailure {
        APIFailure(
            403, "PERMISSION_DENIED",
            "User \(identity.userName) does not have permission to perform this action. \(why)")
    }
}

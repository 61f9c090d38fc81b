//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import LocalWorkspace

/// Checks whether a caller may do what a request asks for.
extension ControlPlane {
    /// Checks whether the caller may do the requested action on its object.
    ///
    /// - Throws: 403 if not.
    func permit(_ requested: RequestedAction, to identity: LocalIdentity) async throws {
        switch try WorkspaceRights.rule(requested.action, for: identity) {
        case .allowed, .denied: return
        case .given: break
        }
        switch requested.action {
        case .changeProject, .changeInstance, .readRolePassword, .readProjectPermissions, .changeProjectPermissions:
            guard try await self.resources.manages(identity, project: requested.object ?? "") else {
                throw WorkspaceRights.denied(
                    identity, "It requires CAN_MANAGE, which the owner and administrators have and can grant.")
            }
        case .readApp:
            try await self.services.requireApp(requested.object ?? "", .canUse, for: identity)
        case .changeApp, .readPermissions, .changePermissions:
            try await self.services.requireApp(requested.object ?? "", .canManage, for: identity)
        case .listApps, .readFiles, .changeFiles, .readScopes, .changeScopes:
            // The answer leaves out of a list what the caller may not see; files and scopes are checked once the body is read.
            break
        case .readSelf, .mintCredential, .listProjects, .readProject, .createProject, .listInstances, .readInstance,
            .createInstance, .readStatus, .readPrincipals, .changePrincipals, .readSecrets, .changeSecrets, .createApp,
            .readLogs:
            throw WorkspaceRights.denied(identity, "No permission allows it.")
        }
    }

    /// Finds the caller of a request by its head, and checks whether the caller may do any action of the requested kind.
    ///
    /// - Throws: 401 and 403.
    func caller(of request: APIRequest, for requested: RequestedAction?) async throws -> LocalIdentity {
        let identity = try await self.authenticate(request)
        if let requested { _ = try WorkspaceRights.rule(requested.action, for: identity) }
        return identity
    }
}

extension WorkspaceServices {
    /// Checks whether a caller has a permission level on an app.
    func requireApp(_ name: String, _ level: Apps.PermissionLevel, for identity: LocalIdentity) async throws {
        guard !identity.isAdministrator else { return }
        // The same answer for an app that does not exist, so that names cannot be guessed.
        guard let access = try? await self.apps.access(to: name), access.allows(identity, level) else {
            throw WorkspaceRights.denied(identity, "It requires \(level.rawValue) on the app \(name.prefix(63)).")
        }
    }

    /// Checks whether a caller may read and write files at a path.
    func requireFiles(_ path: WorkspacePath, for identity: LocalIdentity) throws {
        guard !identity.isAdministrator else { return }
        let home = ["Users", identity.userName]
        guard path.components.count >= home.count, zip(path.components, home).allSatisfy({ $0.isExactly($1) }) else {
            throw WorkspaceRights.denied(identity, "It may read and write below /Users/\(identity.userName) only.")
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import LocalWorkspace

/// Whether a request may be answered, before it is.
extension ControlPlane {
    /// Looks whether the caller may do what the request does.
    ///
    /// - Throws: 403, and 404 for what no service answers.
    func permit(_ request: APIRequest, to identity: LocalIdentity) async throws {
        guard let deed = WorkspaceDeed.of(method: request.method, path: request.path) else {
            throw WorkspaceServices.unknown(request)
        }
        switch try WorkspaceRights.rule(deed.action, for: identity) {
        case .allowed, .denied: return
        case .given: break
        }
        switch deed.action {
        case .changeProject, .changeInstance, .readRolePassword, .readProjectPermissions, .changeProjectPermissions:
            guard try await self.resources.manages(identity, project: deed.object ?? "") else {
                throw WorkspaceRights.denied(
                    identity, "It needs CAN_MANAGE, which the owner, administrators and those have who were given it.")
            }
        case .readApp:
            try await self.services.requireApp(deed.object ?? "", .canUse, for: identity)
        case .changeApp, .readPermissions, .changePermissions:
            try await self.services.requireApp(deed.object ?? "", .canManage, for: identity)
        case .listApps, .readFiles, .changeFiles, .readScopes, .changeScopes:
            // Those who make the list leave out what was not given; the path of a file and a scope are in the request's body.
            break
        case .readSelf, .mintCredential, .listProjects, .readProject, .createProject, .listInstances, .readInstance,
            .createInstance, .readStatus, .readPrincipals, .changePrincipals, .readSecrets, .changeSecrets, .createApp,
            .readLogs:
            throw WorkspaceRights.denied(identity, "Nothing of this kind is given to anybody.")
        }
    }

    /// Who sends a request, if they may send one of its kind: as much as its head tells.
    func permitted(_ request: APIRequest) async throws -> LocalIdentity {
        let identity = try await self.authenticate(request)
        if let deed = WorkspaceDeed.of(method: request.method, path: request.path) {
            _ = try WorkspaceRights.rule(deed.action, for: identity)
        }
        return identity
    }
}

extension WorkspaceServices {
    /// Looks whether a caller has a level of permission on an app.
    func requireApp(_ name: String, _ level: Apps.PermissionLevel, for identity: LocalIdentity) async throws {
        guard !identity.isAdministrator else { return }
        // A missing object and a missing permission get the same answer: otherwise names could be guessed.
        guard let access = try? await self.apps.access(to: name), access.allows(identity, level) else {
            throw WorkspaceRights.denied(identity, "It needs \(level.rawValue) on the app \(name.prefix(63)).")
        }
    }

    /// Looks whether a caller may read and write at a path.
    func requireFiles(_ path: WorkspacePath, for identity: LocalIdentity) throws {
        guard !identity.isAdministrator else { return }
        let home = ["Users", identity.userName]
        guard path.components.count >= home.count, zip(path.components, home).allSatisfy({ $0.isExactly($1) }) else {
            throw WorkspaceRights.denied(identity, "Its files are in /Users/\(identity.userName).")
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import LocalWorkspace

/// A path below `/api/2.0/permissions` that names a project.
struct ProjectPermissions: Equatable, Sendable {
    /// The kind of object in the path: a project, or the instance that is the same project.
    enum Kind: String, CaseIterable, Sendable {
        case project = "database-projects"
        case instance = "database-instances"
    }

    var kind: Kind
    /// The id of the project.
    var project: String
    /// Whether the path names the list of permission levels, and not the permissions.
    var isAboutLevels = false

    init(_ kind: Kind, project: String, isAboutLevels: Bool = false) {
        self.kind = kind
        self.project = project
        self.isAboutLevels = isAboutLevels
    }

    /// Reads the part of a path after the kind; `nil` for a path that names no project.
    init?(_ kind: Kind, rest: String) {
        let parts = rest.splitExactly(at: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !parts[0].utf8.isEmpty,
            parts.count == 1 || parts[1].isExactly("permissionLevels")
        else { return nil }
        self.init(kind, project: String(parts[0]), isAboutLevels: parts.count == 2)
    }

    /// The permission levels of projects.
    static let levels = [
        Apps.PermissionLevelDescription(permissionLevel: .canUse, description: "Can view and use the project."),
        .init(
            permissionLevel: .canManage,
            description: "Can view, use, change and delete the project and everything in it, and grant permissions."),
    ]
}

extension ControlPlane {
    /// Answers a request for the permissions on a project.
    func permissions(_ path: ProjectPermissions, _ request: APIRequest) async throws -> APIResponse {
        // The two APIs answer with different texts for an object that does not exist.
        let project: ProjectRecord
        switch path.kind {
        case .project: project = try await self.resources.view.inventory.liveProject(path.project)
        case .instance: project = try await self.resources.view.inventory.instance(path.project)
        }
        switch (request.method, path.isAboutLevels) {
        case ("GET", true):
            return .json(Apps.PermissionLevelsResponse(permissionLevels: ProjectPermissions.levels))
        case ("GET", false): break
        case ("PUT", false):
            let grants = try self.services.grants(request)
            try await self.resources.changeAccess(to: project) { $0.replace(by: grants) }
        case ("PATCH", false):
            let grants = try self.services.grants(request)
            try await self.resources.changeAccess(to: project) { $0.add(grants) }
        default: throw APIFailure.wrongMethod(request, allowed: path.isAboutLevels ? "GET" : "GET, PUT, PATCH")
        }
        let access = try await self.resources.access(to: project)
        return .json(access.resource(of: project.id, kind: path.kind.rawValue) { self.services.displayName(of: $0) })
    }
}

/// The permissions that were granted on projects.
///
/// They are kept by the uid of the project, so that a new project of the same name begins without any.
extension ResourceService {
    private static let document = "project-permissions"

    /// Reads the permissions on a project; at first its creator has CAN_MANAGE.
    func access(to project: ProjectRecord) throws -> AppAccess {
        let all = try self.parts.store.load([String: AppAccess].self, named: Self.document)
        if let access = all?[project.uid] { return access }
        var access = AppAccess()
        let creator: AppAccess.Grantee =
            PrincipalDirectory.isApplicationID(project.owner) ? .servicePrincipal(project.owner) : .user(project.owner)
        access.add([.init(grantee: creator, level: .canManage)])
        return access
    }

    /// Changes the permissions on a project, and deletes those on projects that no longer exist.
    func changeAccess(to project: ProjectRecord, _ body: @Sendable (inout AppAccess) -> Void) throws {
        var access = try self.access(to: project)
        body(&access)
        let uids = Set(self.view.inventory.projects.values.map(\.uid))
        var all = try self.parts.store.load([String: AppAccess].self, named: Self.document) ?? [:]
        all = all.filter { uids.contains($0.key) }
        all[project.uid] = access
        try self.parts.store.save(all, named: Self.document)
    }

    /// Whether an identity may manage a project, or the instance of that name: as its creator or with CAN_MANAGE.
    func manages(_ identity: LocalIdentity, project id: String) throws -> Bool {
        guard let project = self.view.inventory.projects[id], project.id.isExactly(id) else { return false }
        return try project.owner.isExactly(identity.userName)
            || self.access(to: project).allows(identity, .canManage)
    }
}

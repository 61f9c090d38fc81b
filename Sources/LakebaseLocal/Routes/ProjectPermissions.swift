//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import LocalWorkspace

/// A path below `/api/2.0/permissions` that names a project.
struct ProjectPermissions: Equatable, Sendable {
    /// As what it is named: a project, or the instance that is the same project.
    enum Kind: String, CaseIterable, Sendable {
        case project = "database-projects"
        case instance = "database-instances"
    }

    var kind: Kind
    /// The id of the project.
    var project: String
    /// Whether it is about the levels that there are.
    var isAboutLevels = false

    init(_ kind: Kind, project: String, isAboutLevels: Bool = false) {
        self.kind = kind
        self.project = project
        self.isAboutLevels = isAboutLevels
    }

    /// Reads a path; `nil` for the path of another kind of object.
    init?(_ path: String) {
        guard let rest = path.droppingExactly(prefix: "/api/2.0/permissions/") else { return nil }
        let parts = rest.splitExactly(at: "/", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), !parts[1].utf8.isEmpty,
            let kind = Kind.allCases.first(where: { $0.rawValue.isExactly(parts[0]) }),
            parts.count == 2 || parts[2].isExactly("permissionLevels")
        else { return nil }
        self.init(kind, project: String(parts[1]), isAboutLevels: parts.count == 3)
    }

    /// What can be given.
    static let levels = [
        Apps.PermissionLevelDescription(permissionLevel: .canUse, description: "Can view and use the project."),
        .init(
            permissionLevel: .canManage,
            description: "Can view, use, change and delete the project and all that is in it, and give permissions."),
    ]
}

extension ControlPlane {
    /// Answers a request about who may use a project.
    func permissions(_ path: ProjectPermissions, _ request: APIRequest) async throws -> APIResponse {
        // Both APIs have it, each with its own text for an object that does not exist.
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
        default: throw Self.wrongMethod(request, path.isAboutLevels ? "GET" : "GET, PUT, PATCH")
        }
        let access = try await self.resources.access(to: project)
        return .json(access.resource(of: project.id, kind: path.kind.rawValue) { self.services.displayName(of: $0) })
    }
}

/// Who was given what of which project.
///
/// By the uid of the project, so that a new one of the same name begins with nothing.
extension ResourceService {
    private static let document = "project-permissions"

    /// What was given of a project; at first its maker has it.
    func access(to project: ProjectRecord) throws -> AppAccess {
        let all = try self.parts.store.load([String: AppAccess].self, named: Self.document)
        if let access = all?[project.uid] { return access }
        var access = AppAccess()
        let maker: AppAccess.Grantee =
            PrincipalDirectory.isApplicationID(project.owner) ? .servicePrincipal(project.owner) : .user(project.owner)
        access.add([.init(grantee: maker, level: .canManage)])
        return access
    }

    func changeAccess(to project: ProjectRecord, _ body: @Sendable (inout AppAccess) -> Void) throws {
        var access = try self.access(to: project)
        body(&access)
        // Those of projects that are gone go too.
        let uids = Set(self.view.inventory.projects.values.map(\.uid))
        var all = try self.parts.store.load([String: AppAccess].self, named: Self.document) ?? [:]
        all = all.filter { uids.contains($0.key) }
        all[project.uid] = access
        try self.parts.store.save(all, named: Self.document)
    }

    /// Whether an identity manages a project, or the instance of that name: it made it or was given it.
    func manages(_ identity: LocalIdentity, project id: String) throws -> Bool {
        guard let project = self.view.inventory.projects[id], project.id.isExactly(id) else { return false }
        return try project.owner.isExactly(identity.userName)
            || self.access(to: project).allows(identity, .canManage)
    }
}

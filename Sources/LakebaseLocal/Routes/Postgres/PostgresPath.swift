//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// A path below `/api/2.0/postgres/`, and the resource that it names.
struct PostgresPath: Equatable {
    /// The path, which is the name of the resource and in some calls a verb after it.
    let name: String
    let resource: PostgresResource

    /// Reads the rest of a path.
    init(_ name: String) {
        self.name = name
        self.resource = PostgresResource.find(name)
    }

    /// The action that a request with a method asks for; `nil` for a path that names nothing.
    func action(method: String) -> RequestedAction? {
        let reads = method == "GET"
        let parts = self.name.splitExactly(at: "/").map { String($0) }
        let project = parts.count > 1 && parts[0].isExactly("projects") ? parts[1] : nil
        switch self.resource {
        case .projects: return RequestedAction(reads ? .listProjects : .createProject)
        case .password: return RequestedAction(.readRolePassword, project)
        case .project, .branches, .branch, .collection, .member, .undelete, .operation, .emptyList:
            return RequestedAction(reads ? .readProject : .changeProject, project)
        case .absent:
            // Catalogs and synced tables belong to no project.
            guard let project else { return RequestedAction(reads ? .listProjects : .createProject) }
            return RequestedAction(reads ? .readProject : .changeProject, project)
        case .unknown: return nil
        }
    }
}

/// A resource of the Postgres API, by the form of its name.
enum PostgresResource: Equatable {
    /// A kind of resource that a branch has several of.
    enum Collection: String, Equatable {
        case endpoints
        case roles
        case databases
    }

    case projects
    case project(id: String)
    case branches(project: String)
    case branch(String)
    case collection(Collection, branch: String)
    case member(Collection, String)
    case undelete(String)
    case password(role: String)
    case operation(String)
    /// A list of resources of a kind that the workspace does not have; the name of the list's field.
    case emptyList(String)
    /// A resource of a kind that the workspace does not have; the name of the kind.
    case absent(String)
    case unknown

    /// Finds the resource that a name names.
    static func find(_ name: String) -> PostgresResource {
        let parts = name.splitExactly(at: "/", omittingEmptySubsequences: false).map { String($0) }
        guard parts.allSatisfy({ !$0.isEmpty }) else { return .unknown }
        // The id of an operation may have any form, and its resource may be deleted.
        if let index = parts.firstIndex(of: "operations"), index > 0, index < parts.count - 1 {
            return .operation(name)
        }
        switch parts[0] {
        case "projects": return Self.below(parts)
        case "catalogs": return .absent("catalog")
        case "synced_tables": return .absent("synced table")
        default: return .unknown
        }
    }

    private static func below(_ parts: [String]) -> PostgresResource {
        let name = parts.joined(separator: "/")
        switch parts.count {
        case 1: return .projects
        case 2: return .project(id: parts[1])
        case 3 where parts[2] == "branches": return .branches(project: parts[1])
        case 3 where parts[2] == "undelete": return .undelete(parts.prefix(2).joined(separator: "/"))
        case 3 where parts[2] == "snapshots": return .emptyList("snapshots")
        case 4 where parts[2] == "branches": return .branch(name)
        case 4 where parts[2] == "snapshots": return .absent("snapshot")
        case 5... where parts[2] == "branches": return Self.belowBranch(parts)
        default: return .unknown
        }
    }

    private static func belowBranch(_ parts: [String]) -> PostgresResource {
        let branch = parts.prefix(4).joined(separator: "/")
        if parts.count == 5 {
            if let collection = Collection(rawValue: parts[4]) { return .collection(collection, branch: branch) }
            switch parts[4] {
            case "undelete": return .undelete(branch)
            case "snapshot-schedule": return .emptyList("schedule")
            default: return .unknown
            }
        }
        guard let collection = Collection(rawValue: parts[4]) else { return .unknown }
        let name = parts.prefix(6).joined(separator: "/")
        switch (collection, parts.count) {
        case (_, 6): return .member(collection, name)
        case (.roles, 7) where parts[6] == "password": return .password(role: name)
        case (.databases, 7) where parts[6] == "data-api": return .absent("data API")
        case (.databases, 7) where parts[6] == "cdf-configs": return .emptyList("cdf_configs")
        case (.databases, 8) where parts[6] == "cdf-configs": return .absent("CDF config")
        case (.databases, 9) where parts[6] == "cdf-configs" && parts[8] == "cdf-statuses":
            return .emptyList("cdf_statuses")
        case (.databases, 10) where parts[6] == "cdf-configs" && parts[8] == "cdf-statuses":
            return .absent("CDF status")
        default: return .unknown
        }
    }
}

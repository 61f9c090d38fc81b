//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// What a path below `/api/2.0/database/` names.
enum DatabasePath: Equatable {
    case instances
    case instance(String)
    case roles(instance: String)
    case role(String, instance: String)
    /// Catalogs, tables and synced tables, which the workspace does not have; the parts of the path.
    case other([String])

    /// Reads the rest of a path.
    init(_ rest: String) {
        // The name of a role may have slashes in it.
        let parts = rest.splitExactly(at: "/", maxSplits: 3, omittingEmptySubsequences: false).map { String($0) }
        let isInstance = parts[0].isExactly("instances") && parts.allSatisfy { !$0.utf8.isEmpty }
        let isRole = parts.count > 2 && parts[2].isExactly("roles")
        switch (isInstance, parts.count) {
        case (true, 1): self = .instances
        case (true, 2): self = .instance(parts[1])
        case (true, 3) where isRole: self = .roles(instance: parts[1])
        case (true, 4) where isRole: self = .role(parts[3], instance: parts[1])
        default: self = .other(rest.splitExactly(at: "/").map { String($0) })
        }
    }

    /// The action that a request with a method asks for.
    func action(method: String) -> RequestedAction {
        let reads = method == "GET"
        switch self {
        case .instances: return RequestedAction(reads ? .listInstances : .createInstance)
        case .instance(let name), .roles(let name), .role(_, let name):
            return RequestedAction(reads ? .readInstance : .changeInstance, name)
        case .other(let parts):
            guard reads else { return RequestedAction(.createInstance) }
            return parts.count > 1 && parts[0].isExactly("instances")
                ? RequestedAction(.readInstance, parts[1]) : RequestedAction(.listInstances)
        }
    }
}

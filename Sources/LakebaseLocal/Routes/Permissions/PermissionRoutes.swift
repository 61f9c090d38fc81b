//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension WorkspaceRoute {
    /// The permissions on projects, by the names of both APIs.
    static let projectPermissions: [WorkspaceRoute] = ProjectPermissions.Kind.allCases.map { kind in
        WorkspaceRoute(prefix: "/api/2.0/permissions/\(kind.rawValue)") { method, rest in
            guard let path = ProjectPermissions(kind, rest: rest) else { return nil }
            let action = RequestedAction(
                method == "GET" ? .readProjectPermissions : .changeProjectPermissions, path.project)
            return .action(action) { controlPlane, context, _ in
                try await controlPlane.permissions(path, context.request)
            }
        }
    }
}

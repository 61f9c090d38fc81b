//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension WorkspaceRoute {
    /// The Database instance API: instances, their roles, and credentials.
    static let database: [WorkspaceRoute] = [
        WorkspaceRoute(
            "/api/2.0/database/credentials", "POST",
            .action(RequestedAction(.mintCredential)) {
                try await $0.databaseCredential($1.request, for: $2, issuer: $1.issuer)
            }),
        // The answer names the instance, so it needs the right to list all of them.
        WorkspaceRoute(
            "/api/2.0/database/instances:findByUid", "GET",
            .action(RequestedAction(.listInstances)) { controlPlane, context, _ in
                try await controlPlane.databaseInstance(uid: context.request.query["uid"] ?? "")
            }),
        WorkspaceRoute(prefix: "/api/2.0/database") { method, rest in
            guard !rest.utf8.isEmpty else { return nil }
            let path = DatabasePath(rest)
            return .action(path.action(method: method)) { try await $0.database(path, $1.request, as: $2) }
        },
    ]
}

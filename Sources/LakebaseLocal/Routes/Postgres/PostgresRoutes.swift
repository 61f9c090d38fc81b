//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension WorkspaceRoute {
    /// The Postgres API: projects, branches, endpoints, roles, databases, operations, and credentials.
    static let postgres: [WorkspaceRoute] = [
        WorkspaceRoute(
            "/api/2.0/postgres/credentials", "POST",
            .action(RequestedAction(.mintCredential)) {
                try await $0.postgresCredential($1.request, for: $2, issuer: $1.issuer)
            }),
        WorkspaceRoute(prefix: "/api/2.0/postgres") { method, rest in
            guard !rest.utf8.isEmpty else { return nil }
            let path = PostgresPath(rest)
            guard let action = path.action(method: method) else { return .absent }
            return .action(action) { try await $0.postgres(path, $1.request, as: $2) }
        },
    ]
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension WorkspaceRoute {
    /// Scopes of secrets.
    static let secrets: [WorkspaceRoute] = [
        WorkspaceRoute(below: "/api/2.0/secrets") { method, parts in
            .action(RequestedAction(method == "GET" ? .readScopes : .changeScopes)) {
                try await $0.services.scopedSecret(parts, $1.request, as: $2)
            }
        }
    ]
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension WorkspaceRoute {
    /// Apps, the permissions on them, and their logs.
    static let apps: [WorkspaceRoute] = [
        WorkspaceRoute(below: "/api/2.0/apps") { method, parts in
            let reads = method == "GET"
            let action =
                parts.first.map { RequestedAction(reads ? .readApp : .changeApp, $0) }
                ?? RequestedAction(reads ? .listApps : .createApp)
            return .action(action) { try await $0.services.app(parts, $1.request, as: $2) }
        },
        WorkspaceRoute(below: "/api/2.0/permissions/apps") { method, parts in
            let action = RequestedAction(method == "GET" ? .readPermissions : .changePermissions, parts.first)
            return .action(action) { controlPlane, context, _ in
                try await controlPlane.services.permissions(parts, context.request)
            }
        },
        // Not an API of the service.
        WorkspaceRoute(below: "/local/apps") { _, parts in
            .action(RequestedAction(.readLogs, parts.first)) {
                try await $0.services.logs(parts, $1.request, as: $2)
            }
        },
    ]
}

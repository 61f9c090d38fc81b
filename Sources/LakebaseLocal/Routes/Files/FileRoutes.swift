//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension WorkspaceRoute {
    /// Folders, files and notebooks.
    static let files: [WorkspaceRoute] = [
        WorkspaceRoute(below: "/api/2.0/workspace", bodyLimit: 16 << 20) { method, parts in
            .action(RequestedAction(method == "GET" ? .readFiles : .changeFiles)) {
                try await $0.services.file(parts, $1.request, as: $2)
            }
        },
        WorkspaceRoute(below: "/api/2.0/workspace-files/import-file", bodyLimit: 512 << 20) { _, parts in
            .action(RequestedAction(.changeFiles)) {
                try await $0.services.upload("/" + parts.joined(separator: "/"), $1.request, as: $2)
            }
        },
    ]
}

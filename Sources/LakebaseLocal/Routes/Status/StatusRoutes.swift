//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

extension WorkspaceRoute {
    /// The state of the local workspace, which is not an API of the service.
    static let status: [WorkspaceRoute] = [
        WorkspaceRoute(
            "/local/status", "GET",
            .action(RequestedAction(.readStatus)) { controlPlane, _, _ in
                APIResponse(
                    status: 200, headers: [("Content-Type", "application/json")],
                    body: try LocalStatus.encoder.encode(await controlPlane.resources.status()))
            })
    ]
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import LocalWorkspace

/// Permissions on apps.
extension WorkspaceServices {
    /// Answers a request for `/api/2.0/permissions/apps` or a path below it.
    func permissions(_ path: [String], _ request: APIRequest) async throws -> APIResponse {
        try await self.apps.sweep()
        guard let app = path.first else { throw APIFailure.unknownAPI(request) }
        switch (request.method, path.count, path.dropFirst().first) {
        case ("GET", 1, _): break
        case ("PUT", 1, _):
            let grants = try self.grants(request)
            try await self.apps.changeAccess(to: app) { $0.replace(by: grants) }
        case ("PATCH", 1, _):
            let grants = try self.grants(request)
            try await self.apps.changeAccess(to: app) { $0.add(grants) }
        case ("GET", 2, "permissionLevels"):
            _ = try await self.apps.access(to: app)
            return .json(Apps.PermissionLevelsResponse(permissionLevels: AppAccess.levels))
        default: throw APIFailure.unknownAPI(request)
        }
        return .json(try await self.apps.access(to: app).resource(of: app) { self.displayName(of: $0) })
    }

    /// Reads the grants in the body of a request.
    func grants(_ request: APIRequest) throws -> [AppAccess.Grant] {
        let wanted = try ControlPlane.decode(Apps.PermissionsRequest.self, from: request.body)
        return try AppAccess.grants(from: wanted.accessControlList) { self.displayName(of: $0) != nil }
    }

    /// The display name of a principal; `nil` for a principal that the workspace does not have.
    func displayName(of grantee: AppAccess.Grantee) -> String? {
        switch grantee {
        case .user(let name): name == self.developer.userName ? self.developer.displayName : nil
        // Every workspace has these two groups, and this one has no others.
        case .group(let name): ["admins", "users"].contains(name) ? name : nil
        case .servicePrincipal(let name): self.principals.identity(named: name)?.displayName
        }
    }
}

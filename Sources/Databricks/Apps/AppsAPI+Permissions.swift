//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The permissions on apps (`/api/2.0/permissions/apps`).
extension AppsAPI {
    private func permissionsPath(_ name: String) throws(DatabricksError) -> String {
        "/api/2.0/permissions/apps/\(try APIClient.path(ofName: name, allowsSlash: false))"
    }

    /// The permissions on an app, by principal.
    public func permissions(of name: String) async throws(DatabricksError) -> Apps.Permissions {
        try await self.client.call(.get, self.permissionsPath(name))
    }

    /// Replaces the permissions granted on an app; inherited ones stay.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - list: The complete list of permissions; all others are removed.
    @discardableResult
    public func setPermissions(
        of name: String, to list: [Apps.AccessControlRequest]
    ) async throws(DatabricksError) -> Apps.Permissions {
        try await self.client.call(
            .put, self.permissionsPath(name), body: Apps.PermissionsRequest(accessControlList: list), isRepeatable: true
        )
    }

    /// Grants permissions on an app, in addition to those granted already.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - list: Who is allowed what; those that are not in it keep what they have.
    @discardableResult
    public func updatePermissions(
        of name: String, with list: [Apps.AccessControlRequest]
    ) async throws(DatabricksError) -> Apps.Permissions {
        try await self.client.call(
            .patch, self.permissionsPath(name), body: Apps.PermissionsRequest(accessControlList: list),
            isRepeatable: true)
    }

    /// The permission levels that an app supports.
    public func permissionLevels(of name: String) async throws(DatabricksError) -> [Apps.PermissionLevelDescription] {
        let answer: Apps.PermissionLevelsResponse = try await self.client.call(
            .get, self.permissionsPath(name) + "/permissionLevels")
        return answer.permissionLevels ?? []
    }
}

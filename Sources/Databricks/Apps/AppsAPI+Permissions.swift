//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Who may do what with an app (`/api/2.0/permissions/apps`).
extension AppsAPI {
    private func permissionsPath(_ name: String) throws(DatabricksError) -> String {
        "/api/2.0/permissions/apps/\(try APIClient.path(ofName: name, allowsSlash: false))"
    }

    /// Who is allowed what with an app.
    public func permissions(of name: String) async throws(DatabricksError) -> Apps.Permissions {
        try await self.client.call(.get, self.permissionsPath(name))
    }

    /// Replaces what was given for an app; what it inherits stays.
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

    /// Gives permissions for an app, beside those that are given already.
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

    /// The levels of permission an app has.
    public func permissionLevels(of name: String) async throws(DatabricksError) -> [Apps.PermissionLevelDescription] {
        let answer: Apps.PermissionLevelsResponse = try await self.client.call(
            .get, self.permissionsPath(name) + "/permissionLevels")
        return answer.permissionLevels ?? []
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension DatabaseAPI {
    /// A role of an instance by its name in PostgreSQL.
    public func getDatabaseInstanceRole(instance: String, name: String) async throws(DatabricksError)
        -> Database.InstanceRole
    {
        try await self.client.call(.get, self.path(ofRole: name, instance))
    }

    /// The roles of an instance.
    ///
    /// - Parameters:
    ///   - instance: The name of the instance.
    ///   - pageSize: How many are asked for at a time; the service decides when nil.
    public func listDatabaseInstanceRoles(instance: String, pageSize: Int? = nil) -> PagedSequence<
        Database.InstanceRole
    > {
        PagedSequence { (token) async throws(DatabricksError) in
            let page: Database.ListInstanceRolesResponse = try await self.client.call(
                .get, self.path(ofInstance: instance, "/roles"), query: Query.page(size: pageSize, token: token))
            return (page.roles ?? [], page.nextPageToken)
        }
    }

    /// Creates a role for an identity, or a role of PostgreSQL only.
    ///
    /// - Parameters:
    ///   - role: Its name in PostgreSQL (an e-mail address, application id or group name for an identity), kind and rights.
    ///   - instance: The name of the instance.
    public func createDatabaseInstanceRole(_ role: Database.InstanceRole, instance: String)
        async throws(DatabricksError) -> Database.InstanceRole
    {
        try await self.client.call(
            .post, self.path(ofInstance: instance, "/roles"), body: role, isRepeatable: false)
    }

    /// Deletes a role.
    ///
    /// - Parameters:
    ///   - instance: The name of the instance.
    ///   - name: The name of the role in PostgreSQL.
    ///   - allowMissing: Whether it is fine that there is none.
    ///   - heir: The role that gets what it owns.
    public func deleteDatabaseInstanceRole(
        instance: String, name: String, allowMissing: Bool? = nil, reassignOwnedTo heir: String? = nil
    ) async throws(DatabricksError) {
        let _: AnyAnswer = try await self.client.call(
            .delete, self.path(ofRole: name, instance),
            query: Query.fields(("allow_missing", allowMissing), ("reassign_owned_to", heir)))
    }

    private func path(ofRole name: String, _ instance: String) throws(DatabricksError) -> String {
        try self.path(ofInstance: instance, "/roles/\(APIClient.path(ofName: name, allowsSlash: false))")
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

extension PostgresAPI {
    /// A role by its name, `projects/{project}/branches/{branch}/roles/{role}`.
    public func getRole(_ name: String) async throws(DatabricksError) -> Postgres.Role {
        try await self.get(name)
    }

    /// The roles of a branch.
    ///
    /// - Parameters:
    ///   - parent: `projects/{project}/branches/{branch}`.
    ///   - pageSize: How many are asked for at a time; the service decides when nil.
    public func listRoles(parent: String, pageSize: Int? = nil) -> PagedSequence<Postgres.Role> {
        PagedSequence { (token) async throws(DatabricksError) in
            let page: Postgres.ListRolesResponse = try await self.page(
                "\(parent)/roles", Query.page(size: pageSize, token: token))
            return (page.roles ?? [], page.nextPageToken)
        }
    }

    /// Begins the creation of a role.
    ///
    /// - Parameters:
    ///   - role: Its `spec`. The name in PostgreSQL is `postgresRole` there: an e-mail address, application id or group name for an identity.
    ///   - id: Its id, which begins with a letter; the service makes one when nil.
    ///   - parent: `projects/{project}/branches/{branch}`.
    ///   - replaceExisting: Whether a role of this id, which is then needed, gets these settings; its memberships are replaced.
    /// - Throws: `invalidRequest` for a name in PostgreSQL that is taken.
    public func createRole(
        _ role: Postgres.Role, id: String? = nil, parent: String, replaceExisting: Bool? = nil
    ) async throws(DatabricksError) -> LongRunningOperation<Postgres.Role> {
        try await self.create(
            role, in: "\(parent)/roles", Query.fields(("role_id", id), ("replace_existing", replaceExisting)))
    }

    /// Begins a change of a role.
    ///
    /// - Parameters:
    ///   - name: `projects/{project}/branches/{branch}/roles/{role}`.
    ///   - role: The new values, in its `spec`.
    ///   - mask: `spec.membership_roles`, `spec.attributes` and its parts; nothing else can change.
    public func updateRole(_ name: String, to role: Postgres.Role, mask: UpdateMask)
        async throws(DatabricksError) -> LongRunningOperation<Postgres.Role>
    {
        try await self.update(name, to: role, mask)
    }

    /// Begins the deletion of a role.
    ///
    /// - Parameters:
    ///   - name: `projects/{project}/branches/{branch}/roles/{role}`.
    ///   - heir: The role that gets what it owns; the endpoint has to be awake for that.
    public func deleteRole(_ name: String, reassignOwnedTo heir: String? = nil) async throws(DatabricksError)
        -> LongRunningOperation<Void>
    {
        try await self.delete(name, Query.fields(("reassign_owned_to", heir)))
    }

    /// The password of a role that logs in with a password.
    ///
    /// - Parameter name: `projects/{project}/branches/{branch}/roles/{role}`.
    /// - Throws: `invalidResponse` when the answer holds no password.
    public func revealRolePassword(_ name: String) async throws(DatabricksError) -> Secret {
        let path = "\(Self.root)/\(try APIClient.path(ofName: name))/password"
        let answer: Postgres.RevealRolePasswordResponse = try await self.client.call(
            .post, path, body: EmptyBody(), isRepeatable: false)
        guard let password = answer.password, !password.isEmpty else {
            throw DatabricksError(
                code: .invalidResponse, message: "the service returned no password; check that the role has one",
                operation: "POST \(path)")
        }
        return password
    }
}

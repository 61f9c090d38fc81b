//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PostgresAPI {
    /// A branch by its name, `projects/{project}/branches/{branch}`.
    public func getBranch(_ name: String) async throws(DatabricksError) -> Postgres.Branch {
        try await self.get(name)
    }

    /// The branches of a project.
    ///
    /// - Parameters:
    ///   - parent: `projects/{project}`.
    ///   - pageSize: How many are asked for at a time; the service decides when nil.
    ///   - showDeleted: Whether deleted branches that can still be restored are included.
    public func listBranches(parent: String, pageSize: Int? = nil, showDeleted: Bool? = nil)
        -> PagedSequence<Postgres.Branch>
    {
        PagedSequence { (token) async throws(DatabricksError) in
            let page: Postgres.ListBranchesResponse = try await self.page(
                "\(parent)/branches",
                Query.page(size: pageSize, token: token) + Query.fields(("show_deleted", showDeleted)))
            return (page.branches ?? [], page.nextPageToken)
        }
    }

    /// Begins the creation of a branch, which also gets an endpoint `primary`.
    ///
    /// - Parameters:
    ///   - branch: Its `spec`: where it starts (by default at the head of the default branch), and one of `ttl` (at
    ///     most 30 days), `expireTime` and `noExpiry`.
    ///   - id: 1 to 63 lowercase letters, digits and hyphens, a letter first.
    ///   - parent: `projects/{project}`.
    ///   - replaceExisting: Whether an existing branch with this id is replaced.
    /// - Throws: `conflict` for an id that is taken in the project.
    public func createBranch(
        _ branch: Postgres.Branch, id: String, parent: String, replaceExisting: Bool? = nil
    ) async throws(DatabricksError) -> LongRunningOperation<Postgres.Branch> {
        try await self.create(
            branch, in: "\(parent)/branches",
            Query.fields(("branch_id", id), ("replace_existing", replaceExisting)))
    }

    /// Begins a change of a branch.
    ///
    /// - Parameters:
    ///   - name: `projects/{project}/branches/{branch}`.
    ///   - branch: The new values, in its `spec`.
    ///   - mask: Which of them count, such as `["spec.is_protected"]`.
    public func updateBranch(_ name: String, to branch: Postgres.Branch, mask: UpdateMask)
        async throws(DatabricksError) -> LongRunningOperation<Postgres.Branch>
    {
        try await self.update(name, to: branch, mask)
    }

    /// Begins the deletion of a branch.
    ///
    /// - Parameters:
    ///   - name: `projects/{project}/branches/{branch}`.
    ///   - purge: True to delete it for good. Otherwise it can be restored by ``undeleteBranch(_:)`` until its
    ///     `purgeTime`.
    /// - Throws: `invalidRequest` for a root branch, a protected branch, and a branch with child branches.
    public func deleteBranch(_ name: String, purge: Bool? = nil) async throws(DatabricksError)
        -> LongRunningOperation<Void>
    {
        try await self.delete(name, Query.fields(("purge", purge)))
    }

    /// Begins to restore a deleted branch.
    public func undeleteBranch(_ name: String) async throws(DatabricksError) -> LongRunningOperation<Postgres.Branch> {
        try await self.undelete(name)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PostgresAPI {
    /// A project by its name, `projects/{project}`.
    public func getProject(_ name: String) async throws(DatabricksError) -> Postgres.Project {
        try await self.get(name)
    }

    /// All projects.
    ///
    /// - Parameters:
    ///   - pageSize: How many are asked for at a time, at most 100; the service decides when nil.
    ///   - showDeleted: Whether deleted projects that can still be restored are included.
    public func listProjects(pageSize: Int? = nil, showDeleted: Bool? = nil) -> PagedSequence<Postgres.Project> {
        PagedSequence { (token) async throws(DatabricksError) in
            let page: Postgres.ListProjectsResponse = try await self.page(
                "projects", Query.page(size: pageSize, token: token) + Query.fields(("show_deleted", showDeleted)))
            return (page.projects ?? [], page.nextPageToken)
        }
    }

    /// Begins the creation of a project.
    ///
    /// The service also makes a branch `production` with an endpoint `primary`, a database `databricks_postgres` and a
    /// role for the caller.
    ///
    /// - Parameters:
    ///   - project: Its `spec`, and settings for its first branch and endpoint; all have defaults.
    ///   - id: 1 to 63 lowercase letters, digits and hyphens, a letter first.
    /// - Throws: `conflict` for an id that is taken in the workspace.
    public func createProject(_ project: Postgres.Project = .init(), id: String) async throws(DatabricksError)
        -> LongRunningOperation<Postgres.Project>
    {
        try await self.create(project, in: "projects", Query.fields(("project_id", id)))
    }

    /// Begins a change of a project.
    ///
    /// - Parameters:
    ///   - name: `projects/{project}`.
    ///   - project: The new values, in its `spec`.
    ///   - mask: Which of them count, such as `["spec.display_name"]`.
    public func updateProject(_ name: String, to project: Postgres.Project, mask: UpdateMask)
        async throws(DatabricksError) -> LongRunningOperation<Postgres.Project>
    {
        try await self.update(name, to: project, mask)
    }

    /// Begins the deletion of a project with all that is in it.
    ///
    /// - Parameters:
    ///   - name: `projects/{project}`.
    ///   - purge: True to delete it for good. Otherwise it can be restored by ``undeleteProject(_:)`` until its
    ///     `purgeTime`.
    public func deleteProject(_ name: String, purge: Bool? = nil) async throws(DatabricksError)
        -> LongRunningOperation<Void>
    {
        try await self.delete(name, Query.fields(("purge", purge)))
    }

    /// Begins to restore a deleted project.
    public func undeleteProject(_ name: String) async throws(DatabricksError) -> LongRunningOperation<Postgres.Project>
    {
        try await self.undelete(name)
    }
}

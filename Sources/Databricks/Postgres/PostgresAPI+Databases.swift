//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PostgresAPI {
    /// A database by its name, `projects/{project}/branches/{branch}/databases/{database}`.
    public func getDatabase(_ name: String) async throws(DatabricksError) -> Postgres.Database {
        try await self.get(name)
    }

    /// The databases of a branch.
    ///
    /// Their ids are not their names in PostgreSQL; those are in `status.postgresDatabase`.
    ///
    /// - Parameters:
    ///   - parent: `projects/{project}/branches/{branch}`.
    ///   - pageSize: The page size; the service decides when nil.
    public func listDatabases(parent: String, pageSize: Int? = nil) -> PagedSequence<Postgres.Database> {
        PagedSequence { (token) async throws(DatabricksError) in
            let page: Postgres.ListDatabasesResponse = try await self.page(
                "\(parent)/databases", Query.page(size: pageSize, token: token))
            return (page.databases ?? [], page.nextPageToken)
        }
    }

    /// Begins the creation of a database.
    ///
    /// - Parameters:
    ///   - database: Its `spec`, with the name in PostgreSQL and the full name of the role that owns it.
    ///   - id: 1 to 63 lowercase letters, digits and hyphens, a letter first, no hyphen last; the service makes one when nil.
    ///   - parent: `projects/{project}/branches/{branch}`.
    ///   - replaceExisting: Whether a database of this id, which is then needed, gets these settings.
    /// - Throws: `invalidRequest` without an owner and for a name in PostgreSQL that is taken; `notFound` for an owner that is not there.
    public func createDatabase(
        _ database: Postgres.Database, id: String? = nil, parent: String, replaceExisting: Bool? = nil
    ) async throws(DatabricksError) -> LongRunningOperation<Postgres.Database> {
        try await self.create(
            database, in: "\(parent)/databases",
            Query.fields(("database_id", id), ("replace_existing", replaceExisting)))
    }

    /// Begins a change of a database.
    ///
    /// - Parameters:
    ///   - name: `projects/{project}/branches/{branch}/databases/{database}`.
    ///   - database: The new values, in its `spec`.
    ///   - mask: `spec.postgres_database` renames it, `spec.role` changes its owner.
    public func updateDatabase(_ name: String, to database: Postgres.Database, mask: UpdateMask)
        async throws(DatabricksError) -> LongRunningOperation<Postgres.Database>
    {
        try await self.update(name, to: database, mask)
    }

    /// Begins the deletion of a database with all that is in it.
    public func deleteDatabase(_ name: String) async throws(DatabricksError) -> LongRunningOperation<Void> {
        try await self.delete(name)
    }
}

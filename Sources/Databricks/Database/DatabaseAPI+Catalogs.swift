//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension DatabaseAPI {
    /// The databases of an instance that are catalogs of Unity Catalog.
    ///
    /// The other clients describe the call as not implemented by the service.
    ///
    /// - Parameters:
    ///   - instance: The name of the instance.
    ///   - pageSize: How many are asked for at a time; the service decides when nil.
    public func listDatabaseCatalogs(instance: String, pageSize: Int? = nil) -> PagedSequence<Database.Catalog> {
        PagedSequence { (token) async throws(DatabricksError) in
            let page: Database.ListCatalogsResponse = try await self.client.call(
                .get, self.path(ofInstance: instance, "/catalogs"), query: Query.page(size: pageSize, token: token))
            return (page.catalogs ?? [], page.nextPageToken)
        }
    }

    /// The tables of an instance that are synchronized from tables of Unity Catalog.
    ///
    /// - Parameters:
    ///   - instance: The name of the instance.
    ///   - pageSize: How many are asked for at a time; the service decides when nil.
    public func listSyncedDatabaseTables(instance: String, pageSize: Int? = nil) -> PagedSequence<
        Database.SyncedTable
    > {
        PagedSequence { (token) async throws(DatabricksError) in
            let page: Database.ListSyncedTablesResponse = try await self.client.call(
                .get, self.path(ofInstance: instance, "/synced_tables"),
                query: Query.page(size: pageSize, token: token))
            return (page.syncedTables ?? [], page.nextPageToken)
        }
    }
}

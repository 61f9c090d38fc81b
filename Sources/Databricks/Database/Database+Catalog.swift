//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Database {
    /// A database of an instance as a catalog of Unity Catalog.
    public struct Catalog: Codable, Hashable, Sendable {
        /// The name of the catalog.
        public var name: String
        /// The instance.
        public var databaseInstanceName: String?
        /// The name of the database in PostgreSQL.
        public var databaseName: String?
        /// Whether to create the database if it does not exist.
        ///
        /// Only sent.
        public var createDatabaseIfNotExists: Bool?
        /// An id of the service.
        ///
        /// Only answered.
        public var uid: String?

        /// Creates a value from its fields.
        public init(
            name: String,
            databaseInstanceName: String? = nil,
            databaseName: String? = nil,
            createDatabaseIfNotExists: Bool? = nil,
            uid: String? = nil
        ) {
            self.name = name
            self.databaseInstanceName = databaseInstanceName
            self.databaseName = databaseName
            self.createDatabaseIfNotExists = createDatabaseIfNotExists
            self.uid = uid
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case databaseInstanceName = "database_instance_name"
            case databaseName = "database_name"
            case createDatabaseIfNotExists = "create_database_if_not_exists"
            case uid
        }
    }

    /// A page of catalogs.
    public struct ListCatalogsResponse: Codable, Hashable, Sendable {
        /// The page; absent and empty are the same.
        public var catalogs: [Catalog]?
        /// The token of the next page; absent or empty on the last page.
        public var nextPageToken: String?

        /// Creates a value from its fields.
        public init(
            catalogs: [Catalog]? = nil,
            nextPageToken: String? = nil
        ) {
            self.catalogs = catalogs
            self.nextPageToken = nextPageToken
        }

        private enum CodingKeys: String, CodingKey {
            case catalogs = "database_catalogs"
            case nextPageToken = "next_page_token"
        }
    }
}

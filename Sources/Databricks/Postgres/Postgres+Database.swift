//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Postgres {
    /// A database of PostgreSQL on a branch.
    public struct Database: Codable, Hashable, Sendable {
        /// The resource name, `.../branches/{branch}/databases/{database_id}`.
        public var name: String?
        /// The id, which is not the database's name in PostgreSQL.
        public var databaseID: String?
        /// The name of the branch.
        public var parent: String?
        /// The time of its creation.
        @Wire<RFC3339> public var createTime: Date?
        /// The time of its last change.
        @Wire<RFC3339> public var updateTime: Date?
        /// The requested settings.
        ///
        /// Only sent, never answered.
        public var spec: DatabaseSpec?
        /// The settings in effect.
        ///
        /// Only answered, never sent.
        public var status: DatabaseStatus?

        /// Creates a value from its fields.
        public init(
            name: String? = nil,
            databaseID: String? = nil,
            parent: String? = nil,
            createTime: Date? = nil,
            updateTime: Date? = nil,
            spec: DatabaseSpec? = nil,
            status: DatabaseStatus? = nil
        ) {
            self.name = name
            self.databaseID = databaseID
            self.parent = parent
            self.createTime = createTime
            self.updateTime = updateTime
            self.spec = spec
            self.status = status
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case databaseID = "database_id"
            case parent
            case createTime = "create_time"
            case updateTime = "update_time"
            case spec
            case status
        }
    }

    /// The requested settings of a database.
    public struct DatabaseSpec: Codable, Hashable, Sendable {
        /// The name in PostgreSQL.
        public var postgresDatabase: String?
        /// The owner, as the full name of a role.
        public var role: String?

        /// Creates a value from its fields.
        public init(
            postgresDatabase: String? = nil,
            role: String? = nil
        ) {
            self.postgresDatabase = postgresDatabase
            self.role = role
        }

        private enum CodingKeys: String, CodingKey {
            case postgresDatabase = "postgres_database"
            case role
        }
    }

    /// The settings of a database that are in effect.
    public struct DatabaseStatus: Codable, Hashable, Sendable {
        /// The id.
        public var databaseID: String?
        /// The name in PostgreSQL.
        public var postgresDatabase: String?
        /// The owner, as the full name of a role.
        public var role: String?

        /// Creates a value from its fields.
        public init(
            databaseID: String? = nil,
            postgresDatabase: String? = nil,
            role: String? = nil
        ) {
            self.databaseID = databaseID
            self.postgresDatabase = postgresDatabase
            self.role = role
        }

        private enum CodingKeys: String, CodingKey {
            case databaseID = "database_id"
            case postgresDatabase = "postgres_database"
            case role
        }
    }
}

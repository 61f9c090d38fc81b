//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Apps {
    /// A database of a Lakebase Provisioned instance.
    public struct DatabaseResource: Codable, Hashable, Sendable {
        /// The name of the instance.
        public var instanceName: String?
        /// The name in PostgreSQL.
        public var databaseName: String?
        /// Always `canConnectAndCreate`.
        public var permission: ResourcePermission?

        /// Creates a value from its fields.
        public init(
            instanceName: String? = nil,
            databaseName: String? = nil,
            permission: ResourcePermission? = nil
        ) {
            self.instanceName = instanceName
            self.databaseName = databaseName
            self.permission = permission
        }

        private enum CodingKeys: String, CodingKey {
            case instanceName = "instance_name"
            case databaseName = "database_name"
            case permission
        }
    }

    /// A database of a Lakebase Autoscaling branch.
    public struct PostgresResource: Codable, Hashable, Sendable {
        /// The full name of the branch.
        public var branch: String?
        /// The full resource name of the database, not its name in PostgreSQL.
        public var database: String?
        /// Always `canConnectAndCreate`.
        public var permission: ResourcePermission?

        /// Creates a value from its fields.
        public init(
            branch: String? = nil,
            database: String? = nil,
            permission: ResourcePermission? = nil
        ) {
            self.branch = branch
            self.database = database
            self.permission = permission
        }

        private enum CodingKeys: String, CodingKey {
            case branch
            case database
            case permission
        }
    }

    /// A secret of a scope.
    public struct SecretResource: Codable, Hashable, Sendable {
        /// The scope.
        public var scope: String?
        /// The key within the scope.
        public var key: String?
        /// `read`, `write` or `manage`.
        public var permission: ResourcePermission?

        /// Creates a value from its fields.
        public init(
            scope: String? = nil,
            key: String? = nil,
            permission: ResourcePermission? = nil
        ) {
            self.scope = scope
            self.key = key
            self.permission = permission
        }

        private enum CodingKeys: String, CodingKey {
            case scope
            case key
            case permission
        }
    }

    /// A job or SQL warehouse, by its id.
    public struct IDResource: Codable, Hashable, Sendable {
        /// The id.
        public var id: String?
        /// The app's permission on it.
        public var permission: ResourcePermission?

        /// Creates a value from its fields.
        public init(
            id: String? = nil,
            permission: ResourcePermission? = nil
        ) {
            self.id = id
            self.permission = permission
        }

        private enum CodingKeys: String, CodingKey {
            case id
            case permission
        }
    }

    /// A serving endpoint or an app, by its name.
    public struct NamedResource: Codable, Hashable, Sendable {
        /// The name.
        public var name: String?
        /// The app's permission on it.
        public var permission: ResourcePermission?

        /// Creates a value from its fields.
        public init(
            name: String? = nil,
            permission: ResourcePermission? = nil
        ) {
            self.name = name
            self.permission = permission
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case permission
        }
    }

    /// An experiment.
    public struct ExperimentResource: Codable, Hashable, Sendable {
        /// The id.
        public var experimentID: String?
        /// The app's permission on it.
        public var permission: ResourcePermission?

        /// Creates a value from its fields.
        public init(
            experimentID: String? = nil,
            permission: ResourcePermission? = nil
        ) {
            self.experimentID = experimentID
            self.permission = permission
        }

        private enum CodingKeys: String, CodingKey {
            case experimentID = "experiment_id"
            case permission
        }
    }

    /// A Genie space.
    public struct GenieSpaceResource: Codable, Hashable, Sendable {
        /// The name.
        public var name: String?
        /// The id.
        public var spaceID: String?
        /// The app's permission on it.
        public var permission: ResourcePermission?

        /// Creates a value from its fields.
        public init(
            name: String? = nil,
            spaceID: String? = nil,
            permission: ResourcePermission? = nil
        ) {
            self.name = name
            self.spaceID = spaceID
            self.permission = permission
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case spaceID = "space_id"
            case permission
        }
    }

    /// A securable of Unity Catalog.
    public struct SecurableResource: Codable, Hashable, Sendable {
        /// The full name, such as `catalog.schema.table`.
        public var securableFullName: String?
        /// The type.
        public var securableType: SecurableType?
        /// The app's permission on it.
        public var permission: ResourcePermission?
        /// The kind of securable, more specific than its type.
        ///
        /// Only answered.
        public var securableKind: String?

        /// Creates a value from its fields.
        public init(
            securableFullName: String? = nil,
            securableType: SecurableType? = nil,
            permission: ResourcePermission? = nil,
            securableKind: String? = nil
        ) {
            self.securableFullName = securableFullName
            self.securableType = securableType
            self.permission = permission
            self.securableKind = securableKind
        }

        private enum CodingKeys: String, CodingKey {
            case securableFullName = "securable_full_name"
            case securableType = "securable_type"
            case permission
            case securableKind = "securable_kind"
        }
    }

    /// The type of a securable of Unity Catalog.
    public struct SecurableType: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A table.
        public static let table = Self(rawValue: "TABLE")
        /// A volume.
        public static let volume = Self(rawValue: "VOLUME")
        /// A function.
        public static let function = Self(rawValue: "FUNCTION")
        /// A connection.
        public static let connection = Self(rawValue: "CONNECTION")
        /// A model service.
        public static let modelService = Self(rawValue: "MODEL_SERVICE")
    }
}

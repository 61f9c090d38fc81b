//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Apps {
    /// A resource that the identity of an app may access.
    ///
    /// Of the kinds exactly one is given.
    public struct Resource: Codable, Hashable, Sendable {
        /// The key by which `valueFrom` in `app.yaml` refers to it.
        public var name: String
        /// The description.
        public var description: String?
        /// A database of a Lakebase Provisioned instance.
        public var database: DatabaseResource?
        /// A database of a Lakebase Autoscaling branch.
        public var postgres: PostgresResource?
        /// A secret of a scope.
        public var secret: SecretResource?
        /// A SQL warehouse.
        public var sqlWarehouse: IDResource?
        /// A model serving endpoint.
        public var servingEndpoint: NamedResource?
        /// A job.
        public var job: IDResource?
        /// An experiment.
        public var experiment: ExperimentResource?
        /// A Genie space.
        public var genieSpace: GenieSpaceResource?
        /// A securable of Unity Catalog.
        public var ucSecurable: SecurableResource?
        /// Another app.
        public var app: NamedResource?

        /// Creates a value from its fields.
        public init(
            name: String,
            description: String? = nil,
            database: DatabaseResource? = nil,
            postgres: PostgresResource? = nil,
            secret: SecretResource? = nil,
            sqlWarehouse: IDResource? = nil,
            servingEndpoint: NamedResource? = nil,
            job: IDResource? = nil,
            experiment: ExperimentResource? = nil,
            genieSpace: GenieSpaceResource? = nil,
            ucSecurable: SecurableResource? = nil,
            app: NamedResource? = nil
        ) {
            self.name = name
            self.description = description
            self.database = database
            self.postgres = postgres
            self.secret = secret
            self.sqlWarehouse = sqlWarehouse
            self.servingEndpoint = servingEndpoint
            self.job = job
            self.experiment = experiment
            self.genieSpace = genieSpace
            self.ucSecurable = ucSecurable
            self.app = app
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case description
            case database
            case postgres
            case secret
            case sqlWarehouse = "sql_warehouse"
            case servingEndpoint = "serving_endpoint"
            case job
            case experiment
            case genieSpace = "genie_space"
            case ucSecurable = "uc_securable"
            case app
        }

        /// A database of a Lakebase Autoscaling branch, in which the app may connect and create.
        ///
        /// - Parameters:
        ///   - name: The key of the resource, by convention `postgres`.
        ///   - branch: `projects/{project}/branches/{branch}`.
        ///   - database: The full resource name, `{branch}/databases/{database}`; not the name in PostgreSQL.
        public static func postgres(_ name: String = "postgres", branch: String, database: String) -> Resource {
            Resource(
                name: name,
                postgres: PostgresResource(branch: branch, database: database, permission: .canConnectAndCreate))
        }

        /// A database of a Lakebase Provisioned instance, in which the app may connect and create.
        ///
        /// - Parameters:
        ///   - name: The key of the resource, by convention `database`.
        ///   - instance: The name of the instance.
        ///   - database: The name in PostgreSQL.
        public static func database(_ name: String = "database", instance: String, database: String) -> Resource {
            Resource(
                name: name,
                database: DatabaseResource(
                    instanceName: instance, databaseName: database, permission: .canConnectAndCreate))
        }
    }

    /// The permission of an app on a resource.
    ///
    /// Which of them a kind of resource has is in its description.
    public struct ResourcePermission: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Connect to a database and create in it.
        public static let canConnectAndCreate = Self(rawValue: "CAN_CONNECT_AND_CREATE")
        /// Use a SQL warehouse or an app.
        public static let canUse = Self(rawValue: "CAN_USE")
        /// Manage it without restriction.
        public static let canManage = Self(rawValue: "CAN_MANAGE")
        /// Own a job or a SQL warehouse.
        public static let isOwner = Self(rawValue: "IS_OWNER")
        /// Start and stop runs of a job.
        public static let canManageRun = Self(rawValue: "CAN_MANAGE_RUN")
        /// See a job, a serving endpoint or a Genie space.
        public static let canView = Self(rawValue: "CAN_VIEW")
        /// Ask a serving endpoint.
        public static let canQuery = Self(rawValue: "CAN_QUERY")
        /// Ask a Genie space.
        public static let canRun = Self(rawValue: "CAN_RUN")
        /// Change an experiment or a Genie space.
        public static let canEdit = Self(rawValue: "CAN_EDIT")
        /// Read an experiment.
        public static let canRead = Self(rawValue: "CAN_READ")
        /// Read a secret.
        public static let read = Self(rawValue: "READ")
        /// Write a secret.
        public static let write = Self(rawValue: "WRITE")
        /// Manage a secret.
        public static let manage = Self(rawValue: "MANAGE")
        /// Read a table.
        public static let select = Self(rawValue: "SELECT")
        /// Write a table.
        public static let modify = Self(rawValue: "MODIFY")
        /// Call a function.
        public static let execute = Self(rawValue: "EXECUTE")
        /// Read a volume.
        public static let readVolume = Self(rawValue: "READ_VOLUME")
        /// Write a volume.
        public static let writeVolume = Self(rawValue: "WRITE_VOLUME")
        /// Use a connection.
        public static let useConnection = Self(rawValue: "USE_CONNECTION")
    }
}

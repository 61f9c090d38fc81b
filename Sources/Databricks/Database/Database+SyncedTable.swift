//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Database {
    /// A table of an instance that is synchronized from a table of Unity Catalog.
    public struct SyncedTable: Codable, Hashable, Sendable {
        /// The full name, `catalog.schema.table`.
        public var name: String
        /// The instance.
        public var databaseInstanceName: String?
        /// The database in PostgreSQL.
        public var logicalDatabaseName: String?
        /// The instance in effect.
        ///
        /// Only answered.
        public var effectiveDatabaseInstanceName: String?
        /// The database in effect.
        ///
        /// Only answered.
        public var effectiveLogicalDatabaseName: String?
        /// The source of the table, and how it is synchronized.
        public var spec: SyncedTableSpec?
        /// The status of the synchronization.
        ///
        /// Only answered.
        public var dataSynchronizationStatus: SyncedTableStatus?
        /// Its provisioning state in Unity Catalog.
        ///
        /// Only answered.
        public var unityCatalogProvisioningState: ProvisioningState?

        /// Creates a value from its fields.
        public init(
            name: String,
            databaseInstanceName: String? = nil,
            logicalDatabaseName: String? = nil,
            effectiveDatabaseInstanceName: String? = nil,
            effectiveLogicalDatabaseName: String? = nil,
            spec: SyncedTableSpec? = nil,
            dataSynchronizationStatus: SyncedTableStatus? = nil,
            unityCatalogProvisioningState: ProvisioningState? = nil
        ) {
            self.name = name
            self.databaseInstanceName = databaseInstanceName
            self.logicalDatabaseName = logicalDatabaseName
            self.effectiveDatabaseInstanceName = effectiveDatabaseInstanceName
            self.effectiveLogicalDatabaseName = effectiveLogicalDatabaseName
            self.spec = spec
            self.dataSynchronizationStatus = dataSynchronizationStatus
            self.unityCatalogProvisioningState = unityCatalogProvisioningState
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case databaseInstanceName = "database_instance_name"
            case logicalDatabaseName = "logical_database_name"
            case effectiveDatabaseInstanceName = "effective_database_instance_name"
            case effectiveLogicalDatabaseName = "effective_logical_database_name"
            case spec
            case dataSynchronizationStatus = "data_synchronization_status"
            case unityCatalogProvisioningState = "unity_catalog_provisioning_state"
        }
    }

    /// The source of a synced table, and how it is synchronized.
    public struct SyncedTableSpec: Codable, Hashable, Sendable {
        /// The source table, as `catalog.schema.table`.
        public var sourceTableFullName: String?
        /// The columns of its primary key.
        public var primaryKeyColumns: [String]?
        /// The column that says which of several rows with one key is the latest.
        public var timeseriesKey: String?
        /// When it is synchronized.
        public var schedulingPolicy: SyncedTableSchedulingPolicy?
        /// Whether to create the database and schema if they do not exist.
        public var createDatabaseObjectsIfMissing: Bool?
        /// A pipeline to use.
        public var existingPipelineID: String?
        /// A pipeline to create.
        ///
        /// Excludes an existing one.
        public var newPipelineSpec: NewPipelineSpec?
        /// Whether the first copy uses the accelerated method.
        public var acceleratedSync: Bool?
        /// Columns that get another type in PostgreSQL.
        public var typeOverrides: [SyncedTableTypeOverride]?

        /// Creates a value from its fields.
        public init(
            sourceTableFullName: String? = nil,
            primaryKeyColumns: [String]? = nil,
            timeseriesKey: String? = nil,
            schedulingPolicy: SyncedTableSchedulingPolicy? = nil,
            createDatabaseObjectsIfMissing: Bool? = nil,
            existingPipelineID: String? = nil,
            newPipelineSpec: NewPipelineSpec? = nil,
            acceleratedSync: Bool? = nil,
            typeOverrides: [SyncedTableTypeOverride]? = nil
        ) {
            self.sourceTableFullName = sourceTableFullName
            self.primaryKeyColumns = primaryKeyColumns
            self.timeseriesKey = timeseriesKey
            self.schedulingPolicy = schedulingPolicy
            self.createDatabaseObjectsIfMissing = createDatabaseObjectsIfMissing
            self.existingPipelineID = existingPipelineID
            self.newPipelineSpec = newPipelineSpec
            self.acceleratedSync = acceleratedSync
            self.typeOverrides = typeOverrides
        }

        private enum CodingKeys: String, CodingKey {
            case sourceTableFullName = "source_table_full_name"
            case primaryKeyColumns = "primary_key_columns"
            case timeseriesKey = "timeseries_key"
            case schedulingPolicy = "scheduling_policy"
            case createDatabaseObjectsIfMissing = "create_database_objects_if_missing"
            case existingPipelineID = "existing_pipeline_id"
            case newPipelineSpec = "new_pipeline_spec"
            case acceleratedSync = "accelerated_sync"
            case typeOverrides = "type_overrides"
        }
    }

    /// A pipeline to create for a synced table.
    public struct NewPipelineSpec: Codable, Hashable, Sendable {
        /// The catalog for its own data.
        public var storageCatalog: String?
        /// The schema for its own data.
        public var storageSchema: String?
        /// The budget policy.
        public var budgetPolicyID: String?

        /// Creates a value from its fields.
        public init(
            storageCatalog: String? = nil,
            storageSchema: String? = nil,
            budgetPolicyID: String? = nil
        ) {
            self.storageCatalog = storageCatalog
            self.storageSchema = storageSchema
            self.budgetPolicyID = budgetPolicyID
        }

        private enum CodingKeys: String, CodingKey {
            case storageCatalog = "storage_catalog"
            case storageSchema = "storage_schema"
            case budgetPolicyID = "budget_policy_id"
        }
    }

    /// A column that gets another type in PostgreSQL.
    public struct SyncedTableTypeOverride: Codable, Hashable, Sendable {
        /// The column.
        public var columnName: String?
        /// The type, such as `PG_SPECIFIC_TYPE_VECTOR`.
        public var pgType: String?
        /// The number of dimensions or characters.
        @Wire<IntegerCoding> public var size: Int64?

        /// Creates a value from its fields.
        public init(
            columnName: String? = nil,
            pgType: String? = nil,
            size: Int64? = nil
        ) {
            self.columnName = columnName
            self.pgType = pgType
            self.size = size
        }

        private enum CodingKeys: String, CodingKey {
            case columnName = "column_name"
            case pgType = "pg_type"
            case size
        }
    }

    /// When a synced table is synchronized.
    public struct SyncedTableSchedulingPolicy: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Once, completely.
        public static let snapshot = Self(rawValue: "SNAPSHOT")
        /// When triggered.
        public static let triggered = Self(rawValue: "TRIGGERED")
        /// Continuously.
        public static let continuous = Self(rawValue: "CONTINUOUS")
    }

    /// A page of synced tables.
    public struct ListSyncedTablesResponse: Codable, Hashable, Sendable {
        /// The page; absent and empty are the same.
        public var syncedTables: [SyncedTable]?
        /// The token of the next page; absent or empty on the last page.
        public var nextPageToken: String?

        /// Creates a value from its fields.
        public init(
            syncedTables: [SyncedTable]? = nil,
            nextPageToken: String? = nil
        ) {
            self.syncedTables = syncedTables
            self.nextPageToken = nextPageToken
        }

        private enum CodingKeys: String, CodingKey {
            case syncedTables = "synced_tables"
            case nextPageToken = "next_page_token"
        }
    }
}

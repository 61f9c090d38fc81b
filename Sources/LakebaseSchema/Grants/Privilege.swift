//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// A privilege on an object of the database.
public enum Privilege: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Log in to a database.
    case connect = "CONNECT"
    /// Create schemas in a database, or objects in a schema.
    case create = "CREATE"
    /// Create temporary tables in a database.
    case temporary = "TEMPORARY"
    /// Use the objects of a schema, or the next value of a sequence.
    case usage = "USAGE"
    /// Read.
    case select = "SELECT"
    /// Add rows.
    case insert = "INSERT"
    /// Change rows, or set a sequence.
    case update = "UPDATE"
    /// Remove rows.
    case delete = "DELETE"
    /// Empty a table.
    case truncate = "TRUNCATE"
    /// Refer to a table with a foreign key.
    case references = "REFERENCES"
    /// Create triggers on a table.
    case trigger = "TRIGGER"
    /// Vacuum, analyze, reindex, lock and refresh a table; PostgreSQL 17 and newer.
    case maintain = "MAINTAIN"
    /// Call a function or procedure.
    case execute = "EXECUTE"

    /// The kinds of objects that have privileges.
    public enum Kind: String, Sendable, Hashable, CaseIterable, Comparable {
        /// The database.
        case database
        /// A schema.
        case schema
        /// Tables, views, materialized views and foreign tables.
        case table
        /// Sequences.
        case sequence
        /// Functions and procedures.
        case routine

        /// All privileges of this kind, as in `GRANT ALL`; those that an older server does not have are left out.
        public var all: Set<Privilege> {
            switch self {
            case .database: [.connect, .create, .temporary]
            case .schema: [.usage, .create]
            case .table: [.select, .insert, .update, .delete, .truncate, .references, .trigger, .maintain]
            case .sequence: [.usage, .select, .update]
            case .routine: [.execute]
            }
        }

        /// In the order of the cases.
        public static func < (left: Kind, right: Kind) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .database: 0
            case .schema: 1
            case .table: 2
            case .sequence: 3
            case .routine: 4
            }
        }
    }

    /// The first version of the server with this privilege.
    var sinceServerVersion: Int { self == .maintain ? 170_000 : 0 }

    /// In the order of their names.
    public static func < (left: Privilege, right: Privilege) -> Bool { left.rawValue < right.rawValue }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The types of objects in `pg_identify_object`, and their names in SQL.
enum ObjectType {
    /// The words after `ON` in `GRANT`; nil for types without privileges.
    static func grantKeyword(_ type: String) -> String? {
        switch type {
        case "table", "view", "materialized view", "foreign table": "TABLE"
        case "function", "procedure", "aggregate": "ROUTINE"
        case "sequence", "schema", "database", "type", "language", "tablespace", "large object": type.uppercased()
        case "domain": "TYPE"
        case "server": "FOREIGN SERVER"
        case "foreign-data wrapper": "FOREIGN DATA WRAPPER"
        default: nil
        }
    }

    /// The words after `ALTER` that change an object's owner; nil for types without an owner of their own.
    static func ownerKeyword(_ type: String) -> String? {
        switch type {
        // By this word an aggregate may be named like a function; ALTER AGGREGATE wants (*) for no argument and ORDER BY for ordered sets.
        case "aggregate": "ROUTINE"
        case "table", "view", "materialized view", "foreign table", "sequence", "schema", "function", "procedure",
            "type", "domain", "collation", "conversion", "operator", "operator class", "operator family",
            "text search configuration", "text search dictionary", "server", "publication", "subscription",
            "event trigger", "language", "large object", "database", "tablespace":
            type.uppercased()
        case "foreign-data wrapper": "FOREIGN DATA WRAPPER"
        case "statistics object": "STATISTICS"
        case "composite type": "TYPE"
        default: nil
        }
    }
}

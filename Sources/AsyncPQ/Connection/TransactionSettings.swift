//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Sets values that end with the transaction, all in one statement.
enum TransactionSettings {
    static func set(_ names: [String], _ values: [String]) -> PQQuery {
        """
        SELECT pg_catalog.set_config(setting.name, setting.value, true)
        FROM ROWS FROM (pg_catalog.unnest(\(names)), pg_catalog.unnest(\(values))) AS setting (name, value)
        """
    }

    /// As ``set(_:_:)``, returning each name with the value before.
    static func exchange(_ names: [String], _ values: [String]) -> PQQuery {
        """
        WITH setting AS MATERIALIZED (
            SELECT name, value, pg_catalog.current_setting(name, true) AS before
            FROM ROWS FROM (pg_catalog.unnest(\(names)::text[]), pg_catalog.unnest(\(values)::text[])) AS given (name, value))
        SELECT name, before, pg_catalog.set_config(name, value, true) FROM setting
        """
    }

    /// Restores the values that ``exchange(_:_:)`` returned; a setting that had no value has none again.
    static func restore(_ names: [String], _ values: [String?]) -> PQQuery {
        """
        SELECT pg_catalog.set_config(outer_setting.name, outer_setting.value, true)
        FROM ROWS FROM (pg_catalog.unnest(\(names)::text[]), pg_catalog.unnest(\(values)::text[])) AS outer_setting (name, value)
        """
    }

    /// The statements of this type: they change nothing beyond the transaction, although they call `set_config`.
    static let texts = [Self.set([], []).sql, Self.exchange([], []).sql, Self.restore([], []).sql]

    /// The names in order, so that of several invalid ones the same is reported each time, and their values.
    static func sorted(_ settings: [String: String]) -> (names: [String], values: [String]) {
        let names = settings.keys.sorted()
        return (names, names.map { settings[$0] ?? "" })
    }

    /// The search path among the settings, if it is one of them.
    static func searchPath(_ settings: [String: String]) -> String? {
        settings.first { $0.key.lowercased() == "search_path" }?.value
    }
}

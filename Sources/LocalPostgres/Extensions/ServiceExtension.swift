//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An extension that the service offers (Databricks: Postgres extensions).
package struct ServiceExtension: Sendable, Equatable {
    /// The source of its files.
    package enum Source: Sendable, Equatable {
        /// Part of this project.
        case ours
        /// Part of PostgreSQL or its contrib modules.
        case postgres
        /// Part of a package, whose name in Debian and in PostgreSQL's own repository has the major version after
        /// `postgresql-`.
        case package(suffix: String, homebrew: String?)
        /// Not available.
        case vendor
    }

    /// The rule for creating it here.
    package enum Rule: Sendable, Equatable {
        /// Roles that may create objects in the database, as on the service: its script runs as the superuser.
        case trusted
        /// As its own control file says; the text is the reason why it is not made trusted.
        case asInstalled(String)
    }

    package var name: String
    package var source: Source
    package var rule: Rule = .trusted
    /// Whether its library has to be loaded at the server's start.
    var isPreloaded = false

    /// The extensions that the service lists, in its order.
    ///
    /// Source: Databricks, "Postgres extensions" (learn.microsoft.com/azure/databricks/oltp/projects/extensions and
    /// docs.databricks.com/aws/en/oltp/projects/extensions), read on 2026-11-30. No copy that could be read goes beyond
    /// `lo`: the names up to there are the page's, all of them. `lakebase_text`, `lakebase_vector` and `vector` are of
    /// "Lakebase Search" and "lakebase_vector" (…/oltp/projects/lakebase-search, …/lakebase-vector),
    /// `pg_stat_statements` of "Postgres compatibility"; the others after `lo` are not confirmed.
    ///
    /// What reaches the machine or its network is not on the list: `adminpack`, `dblink`, `file_fdw`, `pageinspect`,
    /// `postgres_fdw`, and languages such as `plpython3u`. From within the server `dblink` could try every role at the
    /// private socket.
    package static let all: [ServiceExtension] = [
        .init(name: "address_standardizer", source: Self.postgis),
        .init(name: "address_standardizer_data_us", source: Self.postgis),
        .init(name: "autoinc", source: .postgres), .init(name: "bloom", source: .postgres),
        .init(name: "btree_gin", source: .postgres), .init(name: "btree_gist", source: .postgres),
        .init(name: "citext", source: .postgres), .init(name: "cube", source: .postgres),
        .init(name: "databricks_auth", source: .ours), .init(name: "dict_int", source: .postgres),
        .init(name: "earthdistance", source: .postgres), .init(name: "fuzzystrmatch", source: .postgres),
        .init(name: "hll", source: .package(suffix: "hll", homebrew: nil)),
        .init(name: "hstore", source: .postgres), .init(name: "insert_username", source: .postgres),
        .init(name: "intagg", source: .postgres), .init(name: "intarray", source: .postgres),
        .init(name: "isn", source: .postgres),
        .init(name: "lakebase_text", source: .vendor, rule: Self.unseen),
        .init(name: "lakebase_vector", source: .vendor, rule: Self.unseen),
        .init(name: "lo", source: .postgres),
        .init(name: "ltree", source: .postgres), .init(name: "moddatetime", source: .postgres),
        .init(name: "pg_graphql", source: .vendor),
        .init(name: "pg_hint_plan", source: .package(suffix: "pg-hint-plan", homebrew: nil)),
        .init(name: "pg_prewarm", source: .postgres),
        .init(name: "pg_stat_statements", source: .postgres, isPreloaded: true),
        .init(name: "pg_trgm", source: .postgres), .init(name: "pgcrypto", source: .postgres),
        .init(name: "pgrowlocks", source: .postgres), .init(name: "plpgsql", source: .postgres),
        .init(name: "postgis", source: Self.postgis),
        .init(name: "postgis_raster", source: Self.postgis, rule: Self.large),
        .init(name: "postgis_sfcgal", source: Self.postgis, rule: Self.large),
        .init(name: "postgis_tiger_geocoder", source: Self.postgis, rule: Self.large),
        .init(name: "postgis_topology", source: Self.postgis, rule: Self.large),
        .init(name: "refint", source: .postgres), .init(name: "seg", source: .postgres),
        .init(name: "tablefunc", source: .postgres), .init(name: "tcn", source: .postgres),
        .init(name: "tsm_system_rows", source: .postgres), .init(name: "tsm_system_time", source: .postgres),
        .init(name: "unaccent", source: .postgres), .init(name: "uuid-ossp", source: .postgres),
        .init(name: "vector", source: .package(suffix: "pgvector", homebrew: "pgvector")),
        .init(name: "xml2", source: .postgres),
    ]

    private static let postgis = Source.package(suffix: "postgis-3", homebrew: "postgis")
    private static let unseen = Rule.asInstalled("its script has not been seen outside of the service")
    private static let large = Rule.asInstalled("its script does more as the superuser than was looked at")

    /// The names of the extensions that are made trusted.
    static let trusted = Set(Self.all.filter { $0.rule == .trusted }.map(\.name))

    /// The package with its files, for that major version of PostgreSQL; `nil` where no package has them.
    package func package(major: Int) -> String? {
        switch self.source {
        case .ours, .vendor: return nil
        case .postgres:
            #if canImport(Darwin)
            return "postgresql@\(major)"
            #else
            return "postgresql-\(major)"
            #endif
        case .package(let suffix, let homebrew):
            #if canImport(Darwin)
            _ = suffix
            return homebrew
            #else
            _ = homebrew
            return "postgresql-\(major)-\(suffix)"
            #endif
        }
    }
}

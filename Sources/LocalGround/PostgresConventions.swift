//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The names and versions of PostgreSQL that the resources of a workspace and its servers share.
package enum PostgresConventions {
    /// The superuser, whose password only this process knows.
    package static let administrator = "cloud_admin"
    /// The database that every project has.
    package static let database = "databricks_postgres"
    /// The oldest major version that works.
    package static let oldestVersion = 15
    /// The major versions that the service offers for projects (Databricks: Lakebase projects).
    package static let servedVersions: ClosedRange<Int64> = 16...18
}

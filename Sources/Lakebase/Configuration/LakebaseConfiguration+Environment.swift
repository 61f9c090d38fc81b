//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension LakebaseConfiguration {
    /// Finds the configuration in environment variables.
    ///
    /// `DATABASE_URL` comes first and turns everything about tokens off. Then `LAKEBASE_TYPE` (`autoscaling` or
    /// `provisioned`), `LAKEBASE_ENDPOINT` (or `LAKEBASE_ENDPOINT_NAME`, `ENDPOINT_NAME`), `LAKEBASE_INSTANCE` (or
    /// `LAKEBASE_INSTANCE_NAME`), `LAKEBASE_PG_HOST`, the platform's `PGHOST`, `PGPORT`, `PGDATABASE`, `PGUSER` and the like,
    /// and the workspace's `DATABRICKS_…`. A `PGPASSWORD` makes it an ordinary PostgreSQL. With nothing set at all it is the
    /// PostgreSQL on this machine, and ``notes`` says so. All variables are in <doc:Configuration>.
    ///
    /// - Parameters:
    ///   - environment: Variables by name; empty values count as unset.
    ///   - prefix: For an application with several databases: with `ORDERS` the variables are `ORDERS_PGHOST`,
    ///     `ORDERS_LAKEBASE_ENDPOINT` and so on, and none without the prefix counts. Only the workspace's may go without it,
    ///     all of them together.
    ///   - pool: What the program wants of the pool where the environment says nothing. To come before the environment, change
    ///     ``pool`` of the result.
    /// - Throws: ``LakebaseConfigurationError`` with every problem there is, each with its fix.
    public static func fromEnvironment(
        _ environment: [String: String] = ProcessInfo.processInfo.environment,
        prefix: String? = nil,
        pool: PQPoolConfiguration = PQPoolConfiguration()
    ) throws(LakebaseConfigurationError) -> LakebaseConfiguration {
        var resolver = SettingsResolver(lookup: SettingLookup(environment: environment, prefix: prefix))
        return try resolver.resolve(pool: pool)
    }
}

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
    /// `DATABASE_URL` comes first; with it, no token is used. Then `LAKEBASE_TYPE` (`autoscaling` or `provisioned`),
    /// `LAKEBASE_ENDPOINT` (or `LAKEBASE_ENDPOINT_NAME`, `ENDPOINT_NAME`), `LAKEBASE_INSTANCE` (or
    /// `LAKEBASE_INSTANCE_NAME`), `LAKEBASE_PG_HOST`, the platform's `PGHOST`, `PGPORT`, `PGDATABASE`, `PGUSER` and the
    /// like, and the workspace's `DATABRICKS_…`. `PGPASSWORD` selects an ordinary PostgreSQL. If nothing is set, the
    /// PostgreSQL on this machine is used, and ``notes`` says so. All variables are in <doc:Configuration>.
    ///
    /// - Parameters:
    ///   - environment: Variables by name; empty values count as unset.
    ///   - prefix: For an application with several databases: with `ORDERS` the variables are `ORDERS_PGHOST`,
    ///     `ORDERS_LAKEBASE_ENDPOINT` and so on, and variables without the prefix are ignored. Only the workspace's
    ///     variables may lack the prefix, all of them together.
    ///   - pool: Limits of the pool that the environment does not set. To override the environment, change ``pool`` of
    ///     the result.
    /// - Throws: ``LakebaseConfigurationError`` with every problem, each with its fix.
    public static func fromEnvironment(
        _ environment: [String: String] = ProcessInfo.processInfo.environment,
        prefix: String? = nil,
        pool: PQPoolConfiguration = PQPoolConfiguration()
    ) throws(LakebaseConfigurationError) -> LakebaseConfiguration {
        var resolver = SettingsResolver(lookup: SettingLookup(environment: environment, prefix: prefix))
        return try resolver.resolve(pool: pool)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Secrets

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
    /// `LAKEBASE_INSTANCE_NAME`), `LAKEBASE_PG_HOST`, `LAKEBASE_SCHEMA`, the platform's `PGHOST`, `PGPORT`, `PGDATABASE`,
    /// `PGUSER`, `PGSSLMODE`, `PGSSLROOTCERT`, `PGAPPNAME`, `PGCONNECT_TIMEOUT`, and the workspace's `DATABRICKS_…`. A `PGPASSWORD` makes it an
    /// ordinary PostgreSQL. With nothing set at all it is the PostgreSQL on this machine, and ``notes`` says so.
    ///
    /// - Parameter environment: Variables by name; empty values count as unset.
    /// - Parameter pool: The pool's limits. A connect timeout that is not the default comes before the environment's.
    /// - Throws: ``LakebaseConfigurationError`` with every problem there is, each with its fix.
    public static func fromEnvironment(
        _ environment: [String: String] = ProcessInfo.processInfo.environment,
        pool: PoolConfiguration = PoolConfiguration()
    ) throws(LakebaseConfigurationError) -> LakebaseConfiguration {
        var detection = EnvironmentDetection(environment: environment.filter { !$0.value.isEmpty })
        var configuration = detection.detect()
        detection.problems += pool.problems
        guard detection.problems.isEmpty, configuration != nil else {
            throw LakebaseConfigurationError(problems: detection.problems)
        }
        configuration?.pool = pool
        if let timeout = detection.connectTimeout, pool.connectTimeout == PoolConfiguration().connectTimeout {
            configuration?.pool.connectTimeout = timeout
        }
        configuration?.notes = detection.notes
        guard let configuration else { throw LakebaseConfigurationError(problems: detection.problems) }
        return configuration
    }
}

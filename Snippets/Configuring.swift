//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// A configuration made by hand, limits for the pool, and errors told apart. Connects to nothing by itself.

import Foundation
import Lakebase
import Logging

func makeClient(token: Secret, logger: Logger) throws -> LakebaseClient {
    // snippet.byhand
    let configuration = LakebaseConfiguration(
        target: .autoscaling(endpoint: "projects/shop/branches/production/endpoints/primary", host: nil),
        schema: "shop",
        workspace: try .resolve(.init(host: "https://dbc-1234.cloud.databricks.com", token: token)),
        pool: PQPoolConfiguration(maximumConnections: 20, acquireTimeout: .seconds(5)))
    let lakebase = try LakebaseClient(configuration: configuration, logger: logger)
    // snippet.end
    return lakebase
}

func add(_ name: String, lakebase: LakebaseClient) async throws {
    // snippet.errors
    do {
        try await lakebase.query("INSERT INTO customers (name) VALUES (\(name))")
    } catch let error as PQError where error.sqlState == .uniqueViolation {
        print("there is a customer of that name already")
    } catch let error as LakebaseError {
        switch error.code {
        case .queueFull, .timedOut: print("busy: \(error)")
        default: print("no connection: \(error)")
        }
    }
    // snippet.end
}

// snippet.problems
do {
    let host = "https://dbc-1234.cloud.databricks.com"
    _ = try LakebaseConfiguration.fromEnvironment([
        "LAKEBASE_TYPE": "serverless", "PGPORT": "none", "DATABRICKS_HOST": host,
    ])
} catch {
    print(error)
}
// snippet.end

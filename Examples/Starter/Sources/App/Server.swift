//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Hummingbird
import Lakebase
import LakebaseSchema
import Logging

/// Finds the database in the environment, and serves the page until it is told to stop.
@main
struct Server {
    static func main() async {
        let logger = Logger(label: "starter-app")
        do {
            try await Self.serve(ProcessInfo.processInfo.environment, logger)
        } catch {
            logger.error("\(error)")
            exit(1)
        }
    }

    private static func serve(_ environment: [String: String], _ logger: Logger) async throws {
        var configuration = try LakebaseConfiguration.fromEnvironment()
        configuration.schema = configuration.schema ?? "starter_schema"
        let lakebase = try LakebaseClient(configuration: configuration, logger: logger)

        // The platform names the port and expects the server on every interface; on this machine nobody else is to see it.
        let port = environment["DATABRICKS_APP_PORT"].flatMap { Int($0) }
        let address = BindAddress.hostname(port == nil ? "127.0.0.1" : "0.0.0.0", port: port ?? 8080)
        var application = buildApplication(lakebase: lakebase, address: address, logger: logger)
        if environment["DATABRICKS_APP_NAME"] == nil {
            // On Databricks `lakebase deploy` has done this, as the owner of the schema.
            application.beforeServerStarts {
                try await Migrator(client: lakebase, logger: logger).up(
                    MigrationFolder(path: "migrations").migrations())
            }
        }
        try await application.runService()
    }
}

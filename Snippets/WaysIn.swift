//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// The ways in beside the pool, and a configuration from a reader. Connects to whatever the environment names.

import Configuration
import Foundation
import Lakebase
import Logging

func makePool(logger: Logger) throws -> LakebaseClient {
    // snippet.pool
    let lakebase = try LakebaseClient(configuration: .fromEnvironment(), logger: logger)
    // A service: lakebase.run() runs beside the others, and the handlers call lakebase.query(…).
    // snippet.end
    return lakebase
}

func orders(logger: Logger) throws -> (orders: LakebaseConfiguration, stock: LakebaseConfiguration) {
    // snippet.reader
    let reader = ConfigReader(providers: [
        EnvironmentVariablesProvider(),
        InMemoryProvider(values: ["orders.lakebase.pool.maximumConnections": 20]),
    ])
    let orders = try LakebaseConfiguration.from(reader, prefix: "orders")
    let stock = try LakebaseConfiguration.from(reader, prefix: "stock")
    print(orders.describe())
    // snippet.end
    return (orders, stock)
}

/// What some other driver would look like.
struct OtherDriver {
    var host: String
    var password: @Sendable () async throws -> Secret?
    func use(_ password: Secret?) {}
}

func otherDriver(logger: Logger) async throws {
    // snippet.driver
    let credentials = try LakebaseCredentials(configuration: .fromEnvironment(), logger: logger)
    let parameters = try await credentials.driverParameters()
    // A driver that asks for the password of each connection:
    let driver = OtherDriver(host: parameters.host, password: parameters.password)
    // One that wants to be told:
    for await credential in credentials.rotations { driver.use(credential.password) }
    // snippet.end
}

func startTool(_ parameters: LakebaseCredentials.DriverParameters) async throws {
    // snippet.text
    let service = try parameters.formatted(as: .serviceFile(service: "orders"))
    try service.write(toFile: "pg_service.conf", atomically: true, encoding: .utf8)
    // The password goes by the tool's environment: not into the file, where it would last, nor into its arguments.
    if let password = try await parameters.password() {
        let tool = Process()
        tool.executableURL = URL(filePath: "/usr/bin/psql")
        tool.environment = [
            "PGSERVICEFILE": "pg_service.conf", "PGSERVICE": "orders",
            "PGPASSWORD": password.withUnsafeValue { $0 },
        ]
        try tool.run()
    }
    // snippet.end
}

// snippet.direct
let count = try await LakebaseConnection.withConnection { connection in
    try await connection.query("SELECT count(*) FROM pg_tables").first?.decode(Int.self, at: 0)
}
// snippet.end
print(count ?? 0)

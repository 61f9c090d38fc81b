//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import HTTPTypes
import Hummingbird
import Lakebase
import LakebaseHummingbird
import Logging
import ServiceLifecycle

/// Puts the pages, the clients and the server together.
///
/// The clients are services beside the server. A shutdown ends the server first, so that requests under way still have their
/// database, and then the clients, which give their connections back.
///
/// - Parameter migrates: Whether the schema is brought up to date before the server starts.
func buildApplication(
    lakebase: LakebaseClient, users: LakebaseClientPool?, address: BindAddress, migrates: Bool, logger: Logger
) throws -> some ApplicationProtocol {
    let routes = Routes(lakebase: lakebase, visitors: Visitors(users: users), pages: try Pages())
    var application = Application(
        router: routes.router(),
        configuration: .init(address: address, serverName: "notes"),
        onServerRunning: { channel in
            guard let local = channel.localAddress, let port = local.port else { return }
            // Not `print`, which keeps the line to itself while standard output is a pipe or a file.
            let line = "Notes: http://\(local.ipAddress ?? "127.0.0.1"):\(port)\n"
            try? FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
        },
        logger: logger
    )
    application.addServices(lakebase)
    if let users { application.addServices(users) }
    guard migrates else { return application }
    application.beforeServerStarts {
        let made = try await Migrations.apply(with: lakebase, logger: logger)
        logger.info("The schema is up to date", metadata: ["notes.migrations": "\(made)"])
    }
    return application
}

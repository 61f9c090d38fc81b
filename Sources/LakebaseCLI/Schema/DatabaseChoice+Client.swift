//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase
import Logging

extension DatabaseChoice {
    /// Runs a body with a client of the database.
    ///
    /// - Parameter changes: Whether the body changes something. The workspace and the database are then printed first.
    func withClient(
        changes: Bool = false, _ body: @Sendable @escaping (LakebaseClient, Logger) async throws -> Void
    ) async throws {
        var logger = Logger(label: "lakebase", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let quiet = logger
        try await self.withConfiguration(changes: changes) { configuration in
            var configuration = configuration
            (configuration.pool.minimumConnections, configuration.pool.maximumConnections) = (0, 1)
            let client = try LakebaseClient(configuration: configuration, logger: quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await client.run() }
                defer { group.cancelAll() }
                try await body(client, quiet)
            }
        }
    }
}

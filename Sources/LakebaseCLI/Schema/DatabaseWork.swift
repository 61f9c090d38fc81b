//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import Lakebase
import Logging

/// What commands that work in the database have in common.
enum DatabaseWork {
    /// Runs a body with a client of the database that the options mean, and turns errors into words and status 1.
    ///
    /// - Parameters:
    ///   - changes: Whether the body changes something, so that it is said where.
    ///   - find: Finds the database.
    static func run(
        changes: Bool = false,
        _ find: () async throws -> LakebaseConfiguration,
        _ body: @Sendable @escaping (LakebaseClient, Logger) async throws -> Void
    ) async throws {
        do {
            var logger = Logger(label: "lakebase", factory: { StreamLogHandler.standardError(label: $0) })
            logger.logLevel = .warning
            var configuration = try await find()
            configuration.pool = PQPoolConfiguration(maximumConnections: 1)
            if changes { Self.tell(configuration) }
            let client = try LakebaseClient(configuration: configuration, logger: logger)
            let quiet = logger
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await client.run() }
                defer { group.cancelAll() }
                try await body(client, quiet)
            }
        } catch let exit as ExitCode {
            throw exit
        } catch {
            Terminal.error("\(error)")
            throw ExitCode(1)
        }
    }

    private static func tell(_ configuration: LakebaseConfiguration) {
        if let workspace = configuration.workspace { WorkspaceNotice.tell(workspace) }
        Terminal.note("lakebase: database \(configuration.database) of \(configuration.placeWords)")
    }
}

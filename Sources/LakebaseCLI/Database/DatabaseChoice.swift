//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Lakebase

/// The database that a command connects to: the one that the options choose, else that of the environment.
struct DatabaseChoice: Sendable {
    var overrides: ConnectionOverrides
    var environment: [String: String]

    /// Runs a body with the configuration of the database.
    ///
    /// - Parameter changes: Whether the body changes something. If so, the workspace is printed before any request to it, and
    ///   the database before the body runs.
    /// - Throws: What finding the database or the body throws; a `LakebaseError` of the body with the notes about how the
    ///   database was found.
    func withConfiguration(
        changes: Bool = false, _ body: (LakebaseConfiguration) async throws -> Void
    ) async throws {
        let asked = changes ? try self.overrides.askedWorkspace(over: self.environment) : nil
        if let asked { WorkspaceNotice.tell(asked) }
        let configuration = try await Progress.during("asking the workspace where the database is") {
            try await self.overrides.configuration(over: self.environment, logger: WorkspaceOptions.logger)
        }
        if changes {
            if asked == nil, let workspace = configuration.workspace { WorkspaceNotice.tell(workspace) }
            Terminal.note("lakebase: database \(configuration.database) of \(configuration.placeWords)")
        }
        do {
            try await body(configuration)
        } catch let error as LakebaseError {
            // How the database was found is part of why it is the wrong one.
            throw AnnotatedError(underlying: error, notes: configuration.notes)
        }
    }
}

extension LakebaseConfiguration {
    /// Logs in once, and returns the credentials.
    func checkedCredentials() async throws -> LakebaseCredentials {
        try await Progress.during("waiting for \(self.placeWords) to wake and take a login") {
            try await LakebaseConnection.checkedCredentials(self, logger: WorkspaceOptions.logger)
        }
    }
}

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
    /// - Throws: What looking up the database or the body throws; a `LakebaseError` of the body with the notes about how the
    ///   database was found.
    func withConfiguration(
        changes: Bool = false, _ body: (LakebaseConfiguration) async throws -> Void
    ) async throws {
        let asked = changes ? try self.overrides.askedWorkspace(over: self.environment) : nil
        if let asked { WorkspaceNotice.tell(asked) }
        var configuration = try await Progress.during("asking the workspace where the database is") {
            try await self.overrides.configuration(over: self.environment, logger: WorkspaceOptions.logger)
        }
        configuration.limitWaiting()
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
    /// Does not wait for a server that never sleeps, unless the configuration says how long to wait.
    ///
    /// Only the compute of a Lakebase sleeps; another server that refuses a connection is down.
    fileprivate mutating func limitWaiting() {
        guard case .postgres = self.target else { return }
        let limit = self.describe().entries.first { $0.name == "pool.wakeTimeout" }
        if limit?.source == .standard { self.pool.wakeTimeout = .zero }
    }

    /// What a command that waits for a login says.
    var waitingWords: String {
        if case .postgres = self.target { return "waiting for \(self.placeWords) to accept a login" }
        return "waiting for \(self.placeWords) to wake and accept a login"
    }

    /// Logs in once, and returns the credentials.
    func checkedCredentials() async throws -> LakebaseCredentials {
        try await Progress.during(self.waitingWords) {
            try await LakebaseConnection.checkedCredentials(self, logger: WorkspaceOptions.logger)
        }
    }
}

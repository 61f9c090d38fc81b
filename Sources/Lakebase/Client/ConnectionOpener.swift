//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
import BoundedTime
package import Databricks
package import Logging

/// Opens connections: prepares a login, connects, and tries again while the compute wakes.
package final class ConnectionOpener: Sendable {
    let configuration: LakebaseConfiguration
    package let target: TargetResolver?
    package let credentials: CredentialMinter?
    let workspace: WorkspaceClient?
    let telemetry: ClientTelemetry
    let budget: BudgetWatch
    let history = LoginHistory()

    private let logger: Logger
    private let loops: PQEventLoopGroup
    private let preparation: LoginPreparation
    private let failure: LoginFailure
    /// Shared by all connections: a schema change that makes a prepared statement stale on one makes it stale on all.
    private let statements = StatementEpoch()

    /// - Parameters:
    ///   - configuration: Where the database is.
    ///   - workspace: The client that mints credentials; made from the configuration when nil.
    ///   - loops: The loops that drive the connections.
    ///   - logger: Gets retries and mints at debug.
    /// - Throws: ``LakebaseConfigurationError`` with every problem of the configuration.
    package init(
        configuration: LakebaseConfiguration, workspace: WorkspaceClient?, loops: PQEventLoopGroup = .shared,
        logger: Logger
    ) throws(LakebaseConfigurationError) {
        let problems = configuration.problems(hasWorkspace: workspace != nil)
        guard problems.isEmpty else { throw LakebaseConfigurationError(problems: problems) }
        self.configuration = configuration
        self.telemetry = ClientTelemetry(configuration, logger: logger)
        self.logger = logger
        self.loops = loops
        self.budget = BudgetWatch(configuration: configuration.pool, logger: logger)
        if configuration.usesTokens, let workspace = workspace ?? configuration.makeWorkspaceClient(logger: logger) {
            let target = TargetResolver(configuration: configuration, workspace: workspace, logger: logger)
            self.target = target
            self.workspace = workspace
            self.credentials = CredentialMinter(
                workspace: workspace, target: target, options: configuration.credential,
                telemetry: self.telemetry.credentials, logger: logger)
        } else {
            self.target = nil
            self.workspace = nil
            self.credentials = nil
        }
        self.preparation = LoginPreparation(
            configuration: configuration, target: self.target, credentials: self.credentials,
            telemetry: self.telemetry)
        self.failure = LoginFailure(configuration: configuration, workspace: self.workspace)
    }

    /// Opens one connection.
    ///
    /// - Throws: ``LakebaseError``; `CancellationError`.
    package func open() async throws -> PQConnection {
        do {
            return try await self.openOrFail()
        } catch let error as LakebaseError {
            self.history.noteFailure(
                error, isFinal: !((error.underlying as? PQError).map(LoginAttempts.mayBeWaking) ?? false))
            throw error
        }
    }

    private func openOrFail() async throws -> PQConnection {
        var attempts = LoginAttempts(
            deadline: .now.later(by: self.configuration.pool.wakeTimeout), usesTokens: self.configuration.usesTokens)
        while true {
            let login = try await self.preparation.login()
            do {
                var configuration = login.configuration
                configuration.statementEpoch = self.statements
                let connection = try await PQConnection.connect(
                    configuration, on: self.loops.next(), logger: self.logger)
                self.history.noteLogin(login.credential)
                await self.budget.ask(connection, maximumConnections: self.configuration.pool.maximumConnections)
                return connection
            } catch let error as PQError {
                try await self.handle(failure: error, of: login, &attempts)
            }
        }
    }

    /// Waits or drops the credential before the next attempt, or throws the error that ends the attempts.
    private func handle(failure error: PQError, of login: PreparedLogin, _ attempts: inout LoginAttempts) async throws {
        switch attempts.failed(error, now: .now, jitter: .random(in: 0...1)) {
        case .retry(let pause):
            self.history.noteFailure(error, isFinal: false)
            self.logger.debug("The compute does not answer yet, trying again", metadata: ["error": "\(error)"])
            try await Task.sleep(for: pause)
        case .mintAgain:
            self.logger.debug("The login was refused, minting a new credential", metadata: ["error": "\(error)"])
            if let credential = login.credential { self.credentials?.invalidate(credential) }
        case .giveUp(.rejected):
            if let credential = login.credential { self.credentials?.invalidate(credential) }
            throw await self.failure.rejected(error, login)
        case .giveUp(.unreachable):
            let limit = self.configuration.pool.wakeTimeout
            let time = limit > .zero ? " within \(limit)" : ""
            throw await self.failure.unreachable(
                error, login, "\(login.configuration.host) did not accept a connection\(time): \(error)")
        case .giveUp(.other):
            throw await self.failure.unreachable(error, login, "no connection to \(login.configuration.host): \(error)")
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
import BoundedTime
import Databricks
import Logging
import Secrets
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Opens connections for the pool: finds the target, gets a credential, logs in, tries again while the compute wakes.
package final class ConnectionOpener: Sendable {
    private struct Record {
        var lastLogin: LakebaseStatistics.Login?
        var trouble: LoginTrouble?
    }

    let configuration: LakebaseConfiguration
    private let logger: Logger
    private let telemetry: ClientTelemetry
    private let loops: PQEventLoopGroup
    package let target: TargetResolver?
    let budget: BudgetWatch
    let workspace: WorkspaceClient?
    package let credentials: LakebaseCredentials?
    private let record = Mutex(Record())
    /// One for all connections: what makes a prepared statement stale on one of them does so on all.
    private let statements = StatementEpoch()

    init(
        configuration: LakebaseConfiguration, workspace: WorkspaceClient?, loops: PQEventLoopGroup,
        telemetry: ClientTelemetry, logger: Logger
    ) {
        self.configuration = configuration
        self.telemetry = telemetry
        self.logger = logger
        self.loops = loops
        self.budget = BudgetWatch(configuration: configuration.pool, logger: logger)
        if configuration.usesTokens, let workspace {
            let target = TargetResolver(configuration: configuration, workspace: workspace, logger: logger)
            self.target = target
            self.workspace = workspace
            self.credentials = LakebaseCredentials(
                workspace: workspace, target: target, options: configuration.credential,
                telemetry: telemetry.credentials, logger: logger)
        } else {
            self.target = nil
            self.workspace = nil
            self.credentials = nil
        }
    }

    var lastLogin: LakebaseStatistics.Login? { self.record.withLock { $0.lastLogin } }

    /// What has gone wrong with logging in since the last time it went well.
    var trouble: LoginTrouble? { self.record.withLock { $0.trouble } }

    /// Opens one connection.
    ///
    /// - Throws: ``LakebaseError``; `CancellationError`.
    package func open() async throws -> PQConnection {
        do {
            return try await self.openOrFail()
        } catch let error as LakebaseError {
            self.note(error, isFinal: !((error.underlying as? PQError).map(LoginAttempts.mayBeWaking) ?? false))
            throw error
        }
    }

    private func note(_ error: any Error, isFinal: Bool) {
        self.record.withLock { record in
            let now = ContinuousClock.now
            // What is forgotten is not continued: the first refusal of a later wake is a beginning.
            let before = record.trouble.flatMap { $0.latest.duration(to: now) < HealthVerdict.memory ? $0 : nil }
            record.trouble = LoginTrouble(since: before?.since ?? now, latest: now, isFinal: isFinal, error: error)
        }
    }

    private func openOrFail() async throws -> PQConnection {
        var attempts = LoginAttempts(
            deadline: .now.later(by: self.configuration.pool.wakeTimeout), usesTokens: self.configuration.usesTokens)
        while true {
            let login = try await self.prepareLogin()
            do {
                var configuration = login.configuration
                configuration.statementEpoch = self.statements
                let connection = try await PQConnection.connect(
                    configuration, on: self.loops.next(), logger: self.logger)
                self.noteLogin(login.credential)
                await self.budget.ask(connection, maximumConnections: self.configuration.pool.maximumConnections)
                return connection
            } catch let error as PQError {
                try await self.goOn(after: error, login, &attempts)
            }
        }
    }

    private func goOn(after error: PQError, _ login: Login, _ attempts: inout LoginAttempts) async throws {
        switch attempts.failed(error, now: .now, jitter: .random(in: 0...1)) {
        case .retry(let pause):
            self.note(error, isFinal: false)
            self.logger.debug("The compute does not answer yet, trying again", metadata: ["error": "\(error)"])
            try await Task.sleep(for: pause)
        case .mintAgain:
            self.logger.debug("The login was refused, minting a new credential", metadata: ["error": "\(error)"])
            if let credential = login.credential { self.credentials?.invalidate(credential) }
        case .giveUp(.rejected):
            if let credential = login.credential { self.credentials?.invalidate(credential) }
            throw await self.rejected(error, login)
        case .giveUp(.unreachable):
            throw await self.unreachable(
                error, login,
                "\(login.configuration.host) did not take a connection within \(self.configuration.pool.wakeTimeout): \(error)"
            )
        case .giveUp(.other):
            throw await self.unreachable(error, login, "no connection to \(login.configuration.host): \(error)")
        }
    }

    // MARK: One login

    struct Login {
        var configuration: PQConnection.Configuration
        var credential: LakebaseCredential?
        var scope: TargetResolver.CredentialScope?
    }

    private func prepareLogin() async throws -> Login {
        guard let target, let credentials else { return self.plainLogin() }
        do {
            let place = try await target.resolved()
            let credential = try await credentials.current()
            var login = self.configuration.connection(host: place.host, username: place.username)
            login.password = credential.token
            login.currentPassword = { [credentials] in credentials.cachedToken }
            login.queryObserver = self.telemetry.observer(host: place.host)
            return Login(configuration: login, credential: credential, scope: place.credentialScope)
        } catch {
            throw LakebaseError.explaining(mintFailure: error)
        }
    }

    private func plainLogin() -> Login {
        switch self.configuration.target {
        case .postgres(let host, let password):
            var login = self.configuration.connection(
                host: host, username: self.configuration.username ?? "postgres")
            login.password = password
            login.queryObserver = self.telemetry.observer(host: host)
            return Login(configuration: login)
        case .autoscaling, .provisioned:
            // Without a workspace there is no way to a credential; LakebaseClient's initialiser makes sure there is one.
            return Login(configuration: self.configuration.connection(host: "", username: ""))
        }
    }

    private func noteLogin(_ credential: LakebaseCredential?) {
        self.record.withLock { record in
            record.trouble = nil
            record.lastLogin = LakebaseStatistics.Login(
                at: Date(), credentialMintedAt: credential?.mintedAt, credentialExpiresAt: credential?.expiresAt)
        }
    }

}

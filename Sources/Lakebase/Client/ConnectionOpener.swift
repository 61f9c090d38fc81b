//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
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
final class ConnectionOpener: Sendable {
    private struct Record {
        var lastLogin: LakebaseStatistics.Login?
        var trouble: LoginTrouble?
    }

    private let configuration: LakebaseConfiguration
    private let logger: Logger
    private let loops: PQEventLoopGroup
    let target: TargetResolver?
    let budget: BudgetWatch
    let credentials: LakebaseCredentials?
    private let record = Mutex(Record())

    init(configuration: LakebaseConfiguration, workspace: WorkspaceClient?, loops: PQEventLoopGroup, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        self.loops = loops
        self.budget = BudgetWatch(configuration: configuration.pool, logger: logger)
        if configuration.usesTokens, let workspace {
            let target = TargetResolver(configuration: configuration, workspace: workspace, logger: logger)
            self.target = target
            self.credentials = LakebaseCredentials(workspace: workspace, target: target, logger: logger)
        } else {
            self.target = nil
            self.credentials = nil
        }
    }

    var lastLogin: LakebaseStatistics.Login? { self.record.withLock { $0.lastLogin } }

    /// What has gone wrong with logging in since the last time it went well.
    var trouble: LoginTrouble? { self.record.withLock { $0.trouble } }

    /// Opens one connection.
    ///
    /// - Throws: ``LakebaseError``; `CancellationError`.
    func open() async throws -> PQConnection {
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
            deadline: .now + self.configuration.pool.wakeTimeout, usesTokens: self.configuration.usesTokens)
        while true {
            let login = try await self.prepareLogin()
            do {
                let connection = try await PQConnection.connect(
                    login.configuration, on: self.loops.next(), logger: self.logger)
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
            throw self.rejected(error, login)
        case .giveUp(.unreachable):
            throw LakebaseError(
                .connectFailed,
                "\(login.configuration.host) did not take a connection within \(self.configuration.pool.wakeTimeout): \(error)",
                remedy: "check that the endpoint is not disabled and that its host can be reached from here",
                underlying: error)
        case .giveUp(.other):
            throw LakebaseError(
                .connectFailed, "no connection to \(login.configuration.host): \(error)", underlying: error)
        }
    }

    // MARK: One login

    private struct Login {
        var configuration: PQConnection.Configuration
        var credential: LakebaseCredential?
        var scope: String
    }

    private func prepareLogin() async throws -> Login {
        guard let target, let credentials else { return self.plainLogin() }
        do {
            let place = try await target.resolved()
            let credential = try await credentials.current()
            var login = self.connectionConfiguration(host: place.host, username: place.username)
            login.password = credential.token
            login.currentPassword = { [credentials] in credentials.cachedToken }
            return Login(configuration: login, credential: credential, scope: place.credentialScope.name)
        } catch let error as LakebaseError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            throw LakebaseError(
                .credentialUnavailable, "no database credential could be minted: \(error)",
                remedy: "check that the workspace can be reached and that this identity may use the database",
                underlying: error)
        }
    }

    private func plainLogin() -> Login {
        switch self.configuration.target {
        case .postgres(let host, let password):
            var login = self.connectionConfiguration(host: host, username: self.configuration.username ?? "postgres")
            login.password = password
            return Login(configuration: login, scope: host)
        case .autoscaling, .provisioned:
            // Without a workspace there is no way to a credential; LakebaseClient's initialiser makes sure there is one.
            return Login(configuration: self.connectionConfiguration(host: "", username: ""), scope: "")
        }
    }

    private func connectionConfiguration(host: String, username: String) -> PQConnection.Configuration {
        var settings = self.configuration.settings
        if let schema = self.configuration.schema {
            settings["search_path"] = "\(PQQuery.quoteIdentifier(schema)),public"
        }
        var login = PQConnection.Configuration(
            host: host, port: self.configuration.port, username: username, database: self.configuration.database,
            tls: self.configuration.tls, rootCertificate: self.configuration.rootCertificate,
            applicationName: self.configuration.applicationName, settings: settings,
            connectTimeout: self.configuration.pool.connectTimeout)
        login.startupOptions = self.configuration.startupOptions
        return login
    }

    private func noteLogin(_ credential: LakebaseCredential?) {
        self.record.withLock { record in
            record.trouble = nil
            record.lastLogin = LakebaseStatistics.Login(
                at: Date(), credentialMintedAt: credential?.mintedAt, credentialExpiresAt: credential?.expiresAt)
        }
    }

    private func rejected(_ error: PQError, _ login: Login) -> LakebaseError {
        guard let credential = login.credential else {
            return LakebaseError(
                .loginRejected, "the login was refused: \(error)", remedy: "check user name and password",
                underlying: error)
        }
        let (cause, remedy) = LoginRejection(
            username: login.configuration.username, host: login.configuration.host, target: login.scope,
            serverMessage: error.serverMessage ?? error.message, sqlState: error.sqlState,
            claims: LoginRejection.claims(of: credential.token), now: Date()
        ).explanation
        return LakebaseError(
            .loginRejected,
            "the login was refused, also with a credential minted anew; most likely \(cause) (\(error))",
            remedy: remedy, underlying: error)
    }
}

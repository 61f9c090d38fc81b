//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
public import Databricks
public import Logging
import Secrets
public import ServiceLifecycle

/// The passwords for a database without a pool: for another driver, or for a tool that is started with a password.
///
/// ```swift
/// let credentials = try LakebaseCredentials(configuration: .fromEnvironment(), logger: logger)
/// let password = try await credentials.current().password
/// ```
///
/// A new password is minted when a caller asks in the last part of the old one's life; see <doc:Credentials>. While
/// ``run()`` runs, or a caller iterates over ``rotations``, it is minted without a caller, so that the next login never
/// waits for the workspace. With a password of the database's own (`DATABASE_URL`, `PGPASSWORD`) this is that password,
/// and nothing is minted.
///
/// A driver that takes one fixed password and cannot be given a new one cannot use this.
public final class LakebaseCredentials: Service {
    enum Provider: Sendable {
        case minted(CredentialMinter, TargetResolver)
        case fixed(LakebaseCredentials.Credential)
    }

    /// The database that the credentials are for.
    public let configuration: LakebaseConfiguration
    let provider: Provider

    /// Creates the credentials for the database of a configuration.
    ///
    /// Nothing is minted before the first use.
    ///
    /// - Parameters:
    ///   - configuration: Where the database is.
    ///   - workspace: The client that mints credentials; made from the configuration when nil.
    ///   - logger: Gets remarks at info and events at debug, and a warning when a renewal fails.
    /// - Throws: ``LakebaseConfigurationError`` with every problem of the configuration.
    public init(
        configuration: LakebaseConfiguration, workspace: WorkspaceClient? = nil, logger: Logger
    ) throws(LakebaseConfigurationError) {
        let problems = configuration.problems(hasWorkspace: workspace != nil)
        guard problems.isEmpty else { throw LakebaseConfigurationError(problems: problems) }
        self.configuration = configuration
        for note in configuration.notes { logger.info("\(note)") }
        let workspace = workspace ?? configuration.makeWorkspaceClient(logger: logger)
        switch (configuration.target, workspace) {
        case (.autoscaling, let workspace?), (.provisioned, let workspace?):
            let target = TargetResolver(configuration: configuration, workspace: workspace, logger: logger)
            let credentials = CredentialMinter(
                workspace: workspace, target: target, options: configuration.credential,
                telemetry: ClientTelemetry(configuration, logger: logger).credentials, logger: logger)
            self.provider = .minted(credentials, target)
        case (.postgres(_, let password), _):
            self.provider = .fixed(LakebaseCredentials.Credential(password: password))
        case (.autoscaling, nil), (.provisioned, nil):
            // Among the problems above.
            self.provider = .fixed(LakebaseCredentials.Credential(password: nil))
        }
    }

    /// The credentials of a login.
    init(configuration: LakebaseConfiguration, provider: Provider) {
        self.configuration = configuration
        self.provider = provider
    }

    /// Returns the password for the next login, and mints one if the last has expired.
    ///
    /// - Throws: ``LakebaseError`` when none could be minted; `CancellationError`.
    public func current() async throws -> LakebaseCredentials.Credential {
        switch self.provider {
        case .fixed(let credential): return credential
        case .minted(let credentials, _):
            do {
                return LakebaseCredentials.Credential(try await credentials.current())
            } catch {
                throw LakebaseError.explaining(mintFailure: error)
            }
        }
    }

    /// Drops a password that the server refused, unless a newer one has taken its place.
    ///
    /// The next login gets a newly minted password. Call it once for a login, and give up when the new one is refused
    /// too.
    public func invalidate(_ credential: LakebaseCredentials.Credential) {
        switch self.provider {
        case .fixed: break
        case .minted(let credentials, _):
            if let minted = credential.minted { credentials.invalidate(minted) }
        }
    }

    /// The current password, and each later one as soon as it is minted.
    ///
    /// While a task iterates, passwords are minted before they expire; a failed mint is retried. The sequence ends when
    /// the iterating task is cancelled, or after the first element if the password is not minted.
    public var rotations: Rotations { Rotations(provider: self.provider) }

    /// Keeps a password ready until the task is cancelled or a graceful shutdown begins.
    ///
    /// Optional. It only waits if the password is not minted.
    public func run() async {
        await cancelWhenGracefulShutdown {
            switch self.provider {
            case .fixed: while (try? await Task.sleep(for: .seconds(3600))) != nil {}
            case .minted(let credentials, _): await credentials.keepReady()
            }
        }
    }

    /// Returns the parameters that another driver needs to connect, with a closure for the password.
    ///
    /// Looks up the values that the configuration leaves out: the host of an endpoint, the user of a token.
    ///
    /// - Throws: ``LakebaseError`` when that fails; `CancellationError`.
    public func driverParameters() async throws -> LakebaseCredentials.DriverParameters {
        let password: @Sendable () async throws -> Secret? = { try await self.current().password }
        switch (self.provider, self.configuration.target) {
        case (.minted(_, let target), _):
            let place = try await target.resolved()
            return LakebaseCredentials.DriverParameters(
                self.configuration.connection(host: place.host, username: place.username), password: password)
        case (.fixed, .postgres(let host, _)):
            let username = self.configuration.username ?? "postgres"
            return LakebaseCredentials.DriverParameters(
                self.configuration.connection(host: host, username: username), password: password)
        case (.fixed, .autoscaling), (.fixed, .provisioned):
            throw LakebaseError(.targetNotFound, "no workspace is configured")
        }
    }
}

extension CredentialMinter {
    /// Mints each credential before the previous one expires, until the task is cancelled.
    func keepReady() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.run() }
            var last: MintedCredential?
            while let next = await self.next(after: last) { last = next }
            group.cancelAll()
        }
    }
}

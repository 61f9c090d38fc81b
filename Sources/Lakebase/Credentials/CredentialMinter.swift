//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Logging
package import Secrets
import Synchronization

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// A database credential with the times at which it was minted and at which it expires.
package struct MintedCredential: Sendable, Equatable {
    package var token: Secret
    package var mintedAt: Date
    package var expiresAt: Date
}

/// Mints database credentials for one target and keeps one ready for the next login.
///
/// ``Databricks/TokenCache`` has all the rules; this type knows which call mints.
package final class CredentialMinter: Sendable {
    private let cache: TokenCache<MintedCredential>
    private let latest = Mutex<Secret?>(nil)
    private let telemetry: CredentialTelemetry?
    private let logger: Logger
    private let isShutDown = Atomic<Bool>(false)
    /// Signals that the credential was replaced, or is to be replaced.
    private let changes = ChangeSignal()

    init(
        workspace: WorkspaceClient, target: TargetResolver, options: LakebaseConfiguration.CredentialOptions,
        telemetry: CredentialTelemetry? = nil, logger: Logger
    ) {
        self.telemetry = telemetry
        self.logger = logger
        // The service's credentials live for an hour at most (Databricks: Authentication in Lakebase). A local clock that
        // is slow must not make one seem to live longer.
        self.cache = TokenCache(policy: Self.policy, logger: logger) {
            let begin = ContinuousClock.now
            do {
                let minted = try await Self.mint(for: try await target.resolved().credentialScope, options, workspace)
                let mintedAt = Date()
                telemetry?.minted(since: begin, mintedAt: mintedAt, expiresAt: minted.expiresAt)
                return MintedToken(
                    token: MintedCredential(token: minted.token, mintedAt: mintedAt, expiresAt: minted.expiresAt),
                    expiresAt: minted.expiresAt)
            } catch {
                // No caller needs it any more: the client is shutting down.
                if !(error is CancellationError) { telemetry?.failed(FailureLabels(error)) }
                throw error
            }
        }
    }

    static let policy = TokenCachePolicy(maximumLife: .seconds(3600))

    private static func mint(
        for scope: TargetResolver.CredentialScope, _ options: LakebaseConfiguration.CredentialOptions,
        _ workspace: WorkspaceClient
    ) async throws -> (token: Secret, expiresAt: Date) {
        let claims = options.claims.isEmpty ? nil : options.claims
        switch scope {
        case .endpoint(let name):
            let credential = try await workspace.postgres.generateDatabaseCredential(
                endpoint: name, ttl: options.ttl, claims: claims,
                groupName: options.group)
            return (credential.token, credential.expireTime)
        case .instance(let name):
            let credential = try await workspace.database.generateDatabaseCredential(
                instanceNames: [name], claims: claims)
            return (credential.token, credential.expirationTime)
        }
    }

    /// Returns a valid credential, and mints one if there is none.
    package func current() async throws -> MintedCredential {
        let credential = try await self.cache.token()
        let isNew = self.latest.withLock { latest in
            defer { latest = credential.token }
            return latest != credential.token
        }
        if isNew { self.changes.signal() }
        return credential
    }

    /// Returns the next credential after `last`, minted before `last` expires or after the server refused it.
    ///
    /// A failed mint is retried; the cache decides when.
    ///
    /// - Returns: Nil once the task is cancelled or the credentials are shut down.
    func next(after last: MintedCredential?) async -> MintedCredential? {
        while !Task.isCancelled, !self.isShutDown.load(ordering: .relaxed) {
            let seen = self.changes.count
            let pause: Duration
            do {
                let credential = try await self.current()
                if credential != last { return credential }
                pause = RotationSchedule.pause(for: credential, now: Date(), policy: Self.policy)
            } catch {
                self.logger.debug("No new credential yet", metadata: ["error": "\(error)"])
                pause = RotationSchedule.pause(afterFailureUntil: self.snapshot.retryAt, now: Date())
            }
            await self.changes.wait(since: seen, atMost: pause)
        }
        return nil
    }

    /// The token of the latest login, without minting or waiting.
    var cachedToken: Secret? { self.latest.withLock { $0 } }

    /// Drops a credential the server refused.
    func invalidate(_ credential: MintedCredential) {
        if self.cache.invalidate(credential) { self.changes.signal() }
    }

    /// Renews credentials in child tasks of the caller, and reports their age to the metrics.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            if let telemetry { group.addTask { await telemetry.run { self.snapshot } } }
            await self.cache.run()
            group.cancelAll()
        }
    }

    func shutDown() {
        self.isShutDown.store(true, ordering: .relaxed)
        self.cache.shutDown()
        self.changes.signal()
    }

    var snapshot: TokenCacheSnapshot { self.cache.snapshot }
}

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

/// A database credential with the times it was minted at and ends at.
package struct LakebaseCredential: Sendable, Equatable {
    package var token: Secret
    package var mintedAt: Date
    package var expiresAt: Date
}

/// Mints database credentials for one target and keeps one ready for the next login.
///
/// All the rules are ``Databricks/TokenCache``'s; this type knows which call mints.
package final class LakebaseCredentials: Sendable {
    private let cache: TokenCache<LakebaseCredential>
    private let latest = Mutex<Secret?>(nil)
    private let telemetry: CredentialTelemetry?
    private let logger: Logger
    private let isShutDown = Atomic<Bool>(false)
    /// Rings when the credential is another one, or is to be.
    private let changes = ChangeSignal()

    init(
        workspace: WorkspaceClient, target: TargetResolver, options: CredentialOptions,
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
                    token: LakebaseCredential(token: minted.token, mintedAt: mintedAt, expiresAt: minted.expiresAt),
                    expiresAt: minted.expiresAt)
            } catch {
                // Nobody wants it any more: the client is shutting down.
                if !(error is CancellationError) { telemetry?.failed(FailureLabels(error)) }
                throw error
            }
        }
    }

    static let policy = TokenCachePolicy(maximumLife: .seconds(3600))

    private static func mint(
        for scope: TargetResolver.CredentialScope, _ options: CredentialOptions, _ workspace: WorkspaceClient
    ) async throws -> (token: Secret, expiresAt: Date) {
        switch scope {
        case .endpoint(let name):
            let credential = try await workspace.postgres.generateDatabaseCredential(
                endpoint: name, ttl: options.ttl, claims: options.claims.isEmpty ? nil : options.claims,
                groupName: options.group)
            return (credential.token, credential.expireTime)
        case .instance(let name):
            let credential = try await workspace.database.generateDatabaseCredential(
                instanceNames: [name], claims: options.instanceClaims)
            return (credential.token, credential.expirationTime)
        }
    }

    /// A credential that lives, minted if there is none.
    package func current() async throws -> LakebaseCredential {
        let credential = try await self.cache.token()
        let isNew = self.latest.withLock { latest in
            defer { latest = credential.token }
            return latest != credential.token
        }
        if isNew { self.changes.ring() }
        return credential
    }

    /// The next credential that is not `last`, minted ahead of the end of `last` or when that was refused.
    ///
    /// A mint that fails is tried again; the cache decides how soon.
    ///
    /// - Returns: Nil once the task is cancelled or the credentials are shut down.
    func next(after last: LakebaseCredential?) async -> LakebaseCredential? {
        while !Task.isCancelled, !self.isShutDown.load(ordering: .relaxed) {
            let rings = self.changes.rings
            let pause: Duration
            do {
                let credential = try await self.current()
                if credential != last { return credential }
                pause = RotationSchedule.pause(for: credential, now: Date(), policy: Self.policy)
            } catch {
                self.logger.debug("No new credential yet", metadata: ["error": "\(error)"])
                pause = RotationSchedule.pause(afterFailureUntil: self.snapshot.retryAt, now: Date())
            }
            await self.changes.wait(since: rings, atMost: pause)
        }
        return nil
    }

    /// The token of the latest login, without minting or waiting.
    var cachedToken: Secret? { self.latest.withLock { $0 } }

    /// Drops a credential the server refused.
    func invalidate(_ credential: LakebaseCredential) {
        if self.cache.invalidate(credential) { self.changes.ring() }
    }

    /// Renews in the background as children of the caller's task, and tells how old the credential is.
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
        self.changes.ring()
    }

    var snapshot: TokenCacheSnapshot { self.cache.snapshot }
}

extension CredentialOptions {
    /// The claims as the API of the instances has them: other types of the same form.
    fileprivate var instanceClaims: [Database.RequestedClaims]? {
        guard !self.claims.isEmpty else { return nil }
        return self.claims.map { claims in
            Database.RequestedClaims(
                permissionSet: claims.permissionSet.map { .init(rawValue: $0.rawValue) },
                resources: claims.resources?.map {
                    .init(tableName: $0.tableName, unspecifiedResourceName: $0.unspecifiedResourceName)
                })
        }
    }
}

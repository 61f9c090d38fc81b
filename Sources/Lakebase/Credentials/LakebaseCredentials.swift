//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Logging
import Secrets
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A database credential with the times it was minted at and ends at.
struct LakebaseCredential: Sendable, Equatable {
    var token: Secret
    var mintedAt: Date
    var expiresAt: Date
}

/// Mints database credentials for one target and keeps one ready for the next login.
///
/// All the rules are ``Databricks/TokenCache``'s; this type knows which call mints.
final class LakebaseCredentials: Sendable {
    private let cache: TokenCache<LakebaseCredential>
    private let latest = Mutex<Secret?>(nil)
    private let telemetry: CredentialTelemetry?

    init(
        workspace: WorkspaceClient, target: TargetResolver, telemetry: CredentialTelemetry? = nil, logger: Logger
    ) {
        self.telemetry = telemetry
        // The service's credentials live for an hour at most (Databricks: Authentication in Lakebase). A local clock that
        // is slow must not make one seem to live longer.
        self.cache = TokenCache(policy: TokenCachePolicy(maximumLife: .seconds(3600)), logger: logger) {
            let begin = ContinuousClock.now
            do {
                let minted = try await Self.mint(for: try await target.resolved().credentialScope, workspace)
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

    private static func mint(
        for scope: TargetResolver.CredentialScope, _ workspace: WorkspaceClient
    ) async throws -> (token: Secret, expiresAt: Date) {
        switch scope {
        case .endpoint(let name):
            let credential = try await workspace.postgres.generateDatabaseCredential(endpoint: name)
            return (credential.token, credential.expireTime)
        case .instance(let name):
            let credential = try await workspace.database.generateDatabaseCredential(instanceNames: [name])
            return (credential.token, credential.expirationTime)
        }
    }

    /// A credential that lives, minted if there is none.
    func current() async throws -> LakebaseCredential {
        let credential = try await self.cache.token()
        self.latest.withLock { $0 = credential.token }
        return credential
    }

    /// The token of the latest login, without minting or waiting.
    var cachedToken: Secret? { self.latest.withLock { $0 } }

    /// Drops a credential the server refused.
    func invalidate(_ credential: LakebaseCredential) { self.cache.invalidate(credential) }

    /// Renews in the background as children of the caller's task, and tells how old the credential is.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            if let telemetry { group.addTask { await telemetry.run { self.snapshot } } }
            await self.cache.run()
            group.cancelAll()
        }
    }

    func shutDown() { self.cache.shutDown() }

    var snapshot: TokenCacheSnapshot { self.cache.snapshot }
}

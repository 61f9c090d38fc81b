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

    init(workspace: WorkspaceClient, target: TargetResolver, logger: Logger) {
        // The service's credentials live for an hour at most (Databricks: Authentication in Lakebase). A local clock that
        // is slow must not make one seem to live longer.
        self.cache = TokenCache(policy: TokenCachePolicy(maximumLife: .seconds(3600)), logger: logger) {
            let minted = try await Self.mint(for: try await target.resolved().credentialScope, workspace)
            return MintedToken(
                token: LakebaseCredential(token: minted.token, mintedAt: Date(), expiresAt: minted.expiresAt),
                expiresAt: minted.expiresAt)
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

    /// Renews in the background as children of the caller's task.
    func run() async { await self.cache.run() }

    func shutDown() { self.cache.shutDown() }

    var snapshot: TokenCacheSnapshot { self.cache.snapshot }
}

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

/// Finds out who owns a forwarded token by asking the workspace with it.
///
/// Each token has a ``Databricks/TokenCache``, whose rules fit: requests that come together ask once, the answer is believed
/// for a while and asked for again ahead of its end, and a refusal is not asked for again at once.
final class UserVerifier: Sendable {
    /// Tokens remembered at most.
    static let limit = 1024

    private typealias Answer = TokenCache<LakebaseClientPool.VerifiedUser>

    private struct Known {
        var answer: Answer
        var lastUse: Int
    }

    private struct State {
        var known: [Secret: Known] = [:]
        var uses = 0
        var isShutDown = false
    }

    private let workspace: WorkspaceConfiguration
    private let lifetime: Duration
    private let logger: Logger
    private let state = Mutex(State())

    init(workspace: WorkspaceConfiguration, lifetime: Duration, logger: Logger) {
        self.workspace = workspace
        self.lifetime = lifetime
        self.logger = logger
    }

    /// The user whose token it is.
    ///
    /// - Throws: ``LakebaseError``; `CancellationError`.
    func user(of token: Secret) async throws -> LakebaseClientPool.VerifiedUser {
        guard let answer = self.answer(about: token) else { throw LakebaseError.usersShutDown() }
        do {
            return try await answer.token()
        } catch let error as DatabricksError where error.httpStatus == 401 || error.httpStatus == 403 {
            throw LakebaseError(
                .identityRejected, "the workspace does not accept the forwarded token: \(error)",
                remedy: "sign in again; if it stays, check that the token is one of this workspace",
                underlying: error)
        } catch let error as DatabricksError {
            throw LakebaseError(
                .credentialUnavailable, "the workspace could not be asked whose token was forwarded: \(error)",
                remedy: "check that the workspace can be reached", underlying: error)
        }
    }

    func shutDown() {
        let answers = self.state.withLock { state in
            state.isShutDown = true
            defer { state.known.removeAll() }
            return state.known.values.map(\.answer)
        }
        for answer in answers { answer.shutDown() }
    }

    private func answer(about token: Secret) -> Answer? {
        self.state.withLock { state in
            guard !state.isShutDown else { return nil }
            state.uses += 1
            if let known = state.known[token] {
                state.known[token]?.lastUse = state.uses
                return known.answer
            }
            if state.known.count >= Self.limit,
                let oldest = state.known.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                state.known[oldest.key] = nil
            }
            let answer = self.question(about: token)
            state.known[token] = Known(answer: answer, lastUse: state.uses)
            return answer
        }
    }

    private func question(about token: Secret) -> Answer {
        let client = WorkspaceClient(
            configuration: self.workspace, credentials: ForwardedTokenCredentials(token),
            retryPolicy: .forLogins, logger: self.logger)
        // A visitor waits for it, so a failure must not be remembered for long.
        let policy = TokenCachePolicy(backoffLimit: .seconds(2), maximumLife: self.lifetime)
        return TokenCache(policy: policy, logger: self.logger) { [lifetime = self.lifetime] in
            let end = ForwardedTokenCredentials.end(of: token)
            let now = Date()
            if let end, end <= now {
                throw LakebaseError(
                    .identityRejected, "the forwarded token has expired", remedy: "load the page again")
            }
            let user = try LakebaseClientPool.VerifiedUser(
                try await client.currentUser.me(excludedAttributes: ["groups", "roles", "entitlements"]))
            let believedUntil = now + lifetime.seconds
            return MintedToken(token: user, expiresAt: end.map { min($0, believedUntil) } ?? believedUntil)
        }
    }
}

extension RetryPolicy {
    /// The retry policy of calls that a login waits for: the login is repeated by its caller, so long retries here
    /// would only delay its error.
    static let forLogins = RetryPolicy(totalLimit: .seconds(10), attemptLimit: .seconds(5), maximumAttempts: 2)
}

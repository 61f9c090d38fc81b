//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The last successful login, and what has failed since.
final class LoginHistory: Sendable {
    private struct State {
        var lastLogin: LakebaseStatistics.Login?
        var trouble: LoginTrouble?
    }

    private let state = Mutex(State())

    var lastLogin: LakebaseStatistics.Login? { self.state.withLock { $0.lastLogin } }

    /// The failures since the last successful login; nil when there are none.
    var trouble: LoginTrouble? { self.state.withLock { $0.trouble } }

    func noteFailure(_ error: any Error, isFinal: Bool) {
        self.state.withLock { state in
            let now = ContinuousClock.now
            // A failure older than the memory does not continue a series: the first refusal of a later wake starts a
            // new one.
            let before = state.trouble.flatMap { $0.latest.duration(to: now) < HealthVerdict.memory ? $0 : nil }
            state.trouble = LoginTrouble(since: before?.since ?? now, latest: now, isFinal: isFinal, error: error)
        }
    }

    func noteLogin(_ credential: MintedCredential?) {
        self.state.withLock { state in
            state.trouble = nil
            state.lastLogin = LakebaseStatistics.Login(
                at: Date(), credentialMintedAt: credential?.mintedAt, credentialExpiresAt: credential?.expiresAt)
        }
    }
}

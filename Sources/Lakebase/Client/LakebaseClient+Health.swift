//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension LakebaseClient {
    /// Reports whether the client runs and could serve requests.
    ///
    /// Never opens a connection, so that asking every second keeps no compute awake. While connections are open it
    /// answers from memory. Otherwise the workspace is asked for the endpoint's state, at most every 5 seconds, which
    /// does not wake it. A failed login counts for 15 seconds; after that the client counts as ready again, since only
    /// a new request tries another login.
    ///
    /// For a liveness probe, which need not wait, use ``isLive``.
    public func checkHealth() async -> LakebaseHealth {
        var facts = self.healthFacts
        var state: String?
        if HealthVerdict.needsEndpoint(facts), let watch = self.endpointWatch {
            let seen = await watch.look()
            // Meanwhile much may have changed.
            facts = self.healthFacts
            (facts.endpoint, state) = (seen.endpoint, seen.state)
        } else if self.endpointWatch != nil {
            facts.endpoint = .notAsked
        }
        let verdict = HealthVerdict(facts)
        return LakebaseHealth(
            checkedAt: Date(), isLive: verdict.isLive, isReady: verdict.isReady, reason: verdict.reason,
            endpointState: state, lastFailure: self.opener.history.trouble.map { "\($0.error)" },
            statistics: self.statistics)
    }

    /// Whether ``run()`` runs.
    public var isLive: Bool { HealthVerdict(self.healthFacts).isLive }

    private var healthFacts: HealthVerdict.Facts {
        let now = ContinuousClock.now
        let phase = self.pool.phase
        var facts = HealthVerdict.Facts(
            hasBegun: phase.hasBegun, isShuttingDown: phase.isShuttingDown, hasEnded: phase.hasEnded,
            isPaused: phase.isPaused, idle: phase.idle, leased: phase.leased)
        facts.hasLoggedIn = self.opener.history.lastLogin != nil
        facts.trouble = self.opener.history.trouble.map {
            ($0.since.duration(to: now), $0.latest.duration(to: now), $0.isFinal)
        }
        return facts
    }
}

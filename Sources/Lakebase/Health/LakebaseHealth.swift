//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Whether a client lives and could serve, with what it knows about itself; for probes and status pages.
///
/// Holds no secret, but error texts name hosts and roles: it is meant for those who operate the application.
public struct LakebaseHealth: Sendable, Codable {
    /// Why a client is ready, or is not.
    public enum Reason: String, Sendable, Codable, CaseIterable {
        /// Connections are open.
        case connected
        /// Nothing is open, since nobody asked for a while; the last login went well.
        case idle
        /// Nothing is open, since nobody has asked yet.
        case unused
        /// The endpoint sleeps; the next query wakes it.
        case asleep
        /// `run()` was not called yet.
        case notRunning
        /// It was paused.
        case paused
        /// A graceful shutdown is under way.
        case shuttingDown
        /// `run()` is over.
        case ended
        /// Logging in fails, and has failed for longer than a compute takes to wake.
        case loginsFail
        /// The endpoint is disabled or the instance stopped: no connection wakes it.
        case switchedOff
        /// Nothing is open, nobody has logged in yet and the workspace gives no answer, so that no credential could be minted.
        case workspaceSilent
    }

    /// When this was found.
    public var checkedAt: Date
    /// Whether the client runs; one that does not comes back by a restart only.
    public var isLive: Bool
    /// Whether a query could be served, perhaps after waking the endpoint.
    public var isReady: Bool
    /// Why.
    public var reason: Reason
    /// What the workspace says the endpoint or instance is doing, such as `IDLE`; nil when it was not asked.
    public var endpointState: String?
    /// Why logging in last failed; nil after a success.
    public var lastFailure: String?
    /// Pool and credential.
    public var statistics: LakebaseStatistics
}

extension LakebaseClient {
    /// Whether the client lives and could serve.
    ///
    /// Never opens a connection, so that asking every second keeps no compute awake. While connections are open it answers from
    /// memory. Otherwise the workspace is asked what the endpoint is doing, at most every 5 seconds, which does not wake it.
    /// A failed login counts for 15 seconds: after that only a new attempt can tell, and it takes a request to make one.
    ///
    /// Liveness alone needs no waiting: see ``isLive``.
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
            endpointState: state, lastFailure: self.opener.trouble.map { "\($0.error)" },
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
        facts.hasLoggedIn = self.opener.lastLogin != nil
        facts.trouble = self.opener.trouble.map {
            ($0.since.duration(to: now), $0.latest.duration(to: now), $0.isFinal)
        }
        return facts
    }
}

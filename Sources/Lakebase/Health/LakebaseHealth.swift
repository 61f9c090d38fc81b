//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

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
        /// No connection is open, since none was needed for a while; the last login succeeded.
        case idle
        /// No connection is open, since none was needed yet.
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
        /// No connection was opened yet and the workspace does not answer, so that no credential could be minted.
        case workspaceSilent
    }

    /// When this was found.
    public var checkedAt: Date
    /// Whether the client runs.
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

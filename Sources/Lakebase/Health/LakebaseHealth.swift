//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Whether a client is live and ready, with its statistics; for health probes and status pages.
///
/// Contains no secret, but error texts name hosts and roles: show it only to operators of the application.
public struct LakebaseHealth: Sendable, Codable {
    /// The reason why a client is ready or not.
    public enum Reason: String, Sendable, Codable, CaseIterable {
        /// Connections are open.
        case connected
        /// No connection is open, because none was needed for a while; the last login succeeded.
        case idle
        /// No connection is open, because none was needed yet.
        case unused
        /// The endpoint is suspended; the next query wakes it.
        case asleep
        /// `run()` was not called yet.
        case notRunning
        /// The client is paused.
        case paused
        /// A graceful shutdown is in progress.
        case shuttingDown
        /// `run()` has returned.
        case ended
        /// Logging in fails, and has failed for longer than a compute takes to wake.
        case loginsFail
        /// The endpoint is disabled or the instance stopped: no connection wakes it.
        case switchedOff
        /// No connection was opened yet and the workspace does not answer, so that no credential could be minted.
        case workspaceSilent
    }

    /// The time of the check.
    public var checkedAt: Date
    /// Whether the client runs.
    public var isLive: Bool
    /// Whether a query could be served, perhaps after waking the endpoint.
    public var isReady: Bool
    /// The reason for ``isReady``.
    public var reason: Reason
    /// The state of the endpoint or instance that the workspace reports, such as `IDLE`; nil when it was not asked.
    public var endpointState: String?
    /// The error of the last failed login; nil after a success.
    public var lastFailure: String?
    /// The statistics of pool and credential.
    public var statistics: LakebaseStatistics
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// What a local Lakebase has counted since it started.
package struct LocalCounts: Sendable, Equatable {
    /// Workspace tokens handed out by the OAuth service.
    package var workspaceTokensMinted = 0
    /// Database credentials handed out by both credential calls.
    package var credentialsMinted = 0
    /// Postgres logins let through to the compute.
    package var loginsAccepted = 0
    /// Postgres logins refused, by reason.
    package var loginsRefused: [LoginRefusalReason: Int] = [:]
    /// How often a compute was started.
    package var computeStarts = 0
}

/// Why a Postgres login was refused.
package enum LoginRefusalReason: String, Sendable, Hashable, CaseIterable {
    case noPassword
    case notAToken
    case workspaceToken
    case badSignature
    case otherWorkspace
    case expired
    case otherIdentity
    case otherEndpoint
    case roleMissing
    case endpointDisabled
    case computeFailed
}

/// The counters behind ``LocalCounts``.
final class LocalCounters: Sendable {
    private let counts = Mutex(LocalCounts())

    var snapshot: LocalCounts { self.counts.withLock { $0 } }

    func count(_ change: (inout LocalCounts) -> Void) { self.counts.withLock { change(&$0) } }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// The counts of a local Lakebase since it started.
package struct LocalCounts: Sendable, Equatable {
    /// Workspace tokens minted by the OAuth service.
    package var workspaceTokensMinted = 0
    /// Database credentials minted by both credential calls.
    package var credentialsMinted = 0
    /// Postgres logins accepted.
    package var loginsAccepted = 0
    /// Postgres logins rejected, by reason.
    package var loginsRefused: [LoginRefusalReason: Int] = [:]
    /// The number of compute starts.
    package var computeStarts = 0
}

/// The reason why a Postgres login was rejected.
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

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ

/// Decides after each failed attempt to connect whether and when to try again.
///
/// Attempts continue until a deadline while the server starts or is full, or the resolver reports a temporary failure.
/// A host name that does not exist is retried for a few seconds only, since it is probably a mistake. Nothing else is
/// repeated.
package struct ConnectAttempts: Sendable {
    package typealias Instant = ContinuousClock.Instant

    package enum Decision: Equatable {
        /// Wait that long, then connect again.
        case retry(after: Duration)
        /// The server refused role or password; the same login would be refused again.
        case refused
        /// The time is over, and the server never accepted a connection.
        case unreachable
        /// Trying again would not help.
        case giveUp
    }

    private let deadline: Instant
    /// The time until which a name that the resolver reports as missing is looked up again.
    private let nameDeadline: Instant
    private var pause = Duration.milliseconds(25)

    package init(deadline: Instant, now: Instant = .now) {
        self.deadline = deadline
        self.nameDeadline = min(deadline, now + Self.patienceWithNames)
    }

    /// Decides after a failed attempt.
    ///
    /// - Parameter jitter: 0...1, spreads the attempts of many clients.
    package mutating func failed(_ error: PQError, now: Instant, jitter: Double) -> Decision {
        if error.sqlState?.classCode == "28" { return .refused }
        let isName = error.code == .nameResolutionFailed
        guard isName || Self.mayBeStarting(error) else { return .giveUp }
        let wait = self.pause + self.pause * (jitter * 0.5)
        if isName, !error.isTemporary {
            guard now + wait < self.nameDeadline else { return .giveUp }
        } else {
            guard now + wait < self.deadline else { return .unreachable }
        }
        // Below a second with its jitter, so that a recovered server is noticed within a second.
        self.pause = min(self.pause * 2, .milliseconds(600))
        return .retry(after: wait)
    }

    /// How long a missing name is retried: that of a new server may not be known everywhere yet.
    private static let patienceWithNames = Duration.seconds(3)

    /// Whether the server may be starting, stopping or full: refused, timed out, class 08, 57P01, 57P03, 53300.
    package static func mayBeStarting(_ error: PQError) -> Bool {
        if let state = error.sqlState {
            return state.isConnectionWorthRetrying || state == .adminShutdown || state == .tooManyConnections
        }
        if error.code == .nameResolutionFailed { return error.isTemporary }
        return error.code == .connectionFailed || error.code == .timedOut || error.code == .connectionClosed
    }
}

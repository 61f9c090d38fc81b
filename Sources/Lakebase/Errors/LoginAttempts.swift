//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ

/// Decides after each failed attempt to connect whether and when to try again.
///
/// Attempts continue until a deadline while the compute wakes up, the server is full, or the resolver reports a
/// temporary failure. A host name that does not exist is retried for a few seconds only, since it is probably a
/// mistake. A refused login is tried once more with a newly minted credential. Nothing else is repeated.
struct LoginAttempts {
    typealias Instant = ContinuousClock.Instant

    enum Decision: Equatable {
        /// Wait that long, then connect again.
        case retry(after: Duration)
        /// Drop the credential, mint one and try once more.
        case mintAgain
        case giveUp(GaveUp)
    }

    enum GaveUp: Equatable {
        case rejected
        case unreachable
        case other
    }

    private let deadline: Instant
    private let usesTokens: Bool
    /// The time until which a name that the resolver reports as missing is looked up again.
    private let nameDeadline: Instant
    private var wasRejected = false
    private var pause = Duration.milliseconds(25)

    init(deadline: Instant, usesTokens: Bool, now: Instant = .now) {
        self.deadline = deadline
        self.nameDeadline = min(deadline, now + Self.patienceWithNames)
        self.usesTokens = usesTokens
    }

    /// - Parameter jitter: 0...1, spreads the attempts of many clients.
    mutating func failed(_ error: PQError, now: Instant, jitter: Double) -> Decision {
        if error.sqlState?.classCode == "28" {
            guard self.usesTokens, !self.wasRejected else { return .giveUp(.rejected) }
            self.wasRejected = true
            return .mintAgain
        }
        let isName = error.code == .nameResolutionFailed
        guard isName || Self.mayBeWaking(error) else { return .giveUp(.other) }
        let wait = self.pause + self.pause * (jitter * 0.5)
        if isName, !error.isTemporary {
            guard now + wait < self.nameDeadline else { return .giveUp(.other) }
        } else {
            guard now + wait < self.deadline else { return .giveUp(.unreachable) }
        }
        // Below a second with its jitter, so that a recovered server is noticed within a second.
        self.pause = min(self.pause * 2, .milliseconds(600))
        return .retry(after: wait)
    }

    /// How long a missing name is retried: that of a new endpoint may not be known everywhere yet.
    private static let patienceWithNames = Duration.seconds(3)

    /// Whether the compute may be suspended, starting, stopping or full: refused, timed out, class 08, 57P03, 53300.
    static func mayBeWaking(_ error: PQError) -> Bool {
        if let state = error.sqlState {
            return state.isConnectionWorthRetrying || state == .adminShutdown || state == .tooManyConnections
        }
        if error.code == .nameResolutionFailed { return error.isTemporary }
        return error.code == .connectionFailed || error.code == .timedOut || error.code == .connectionClosed
    }
}

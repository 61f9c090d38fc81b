//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ

/// Decides, attempt by attempt, how to go on with opening one connection.
///
/// A compute that wakes up is tried again until a deadline, and so are a server that is full and a name that does not resolve
/// for the moment; a role that does not exist for a few seconds only, since that is probably a mistake. A refused login gets one more try with a credential minted
/// anew. Nothing else is repeated.
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
    /// Until when a name that is said not to exist is looked up again.
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
        // With its jitter below a second, so that a database that is back is found to be back within one.
        self.pause = min(self.pause * 2, .milliseconds(600))
        return .retry(after: wait)
    }

    /// The name of an endpoint that was just made may not be known everywhere yet.
    private static let patienceWithNames = Duration.seconds(3)

    /// Whether the failure is one of a compute that sleeps, starts or stops, or has no place for the moment: refused, timed
    /// out, class 08, 57P03, 53300.
    static func mayBeWaking(_ error: PQError) -> Bool {
        if let state = error.sqlState {
            return state.isConnectionWorthRetrying || state == .adminShutdown || state == .tooManyConnections
        }
        if error.code == .nameResolutionFailed { return error.isTemporary }
        return error.code == .connectionFailed || error.code == .timedOut || error.code == .connectionClosed
    }
}

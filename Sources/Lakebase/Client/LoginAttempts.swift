//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ

/// Decides, attempt by attempt, how to go on with opening one connection.
///
/// A compute that wakes up is tried again until a deadline. A refused login gets one more try with a credential minted
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
    private var wasRejected = false
    private var pause = Duration.milliseconds(25)

    init(deadline: Instant, usesTokens: Bool) {
        self.deadline = deadline
        self.usesTokens = usesTokens
    }

    /// - Parameter jitter: 0...1, spreads the attempts of many clients.
    mutating func failed(_ error: PQError, now: Instant, jitter: Double) -> Decision {
        if error.sqlState?.classCode == "28" {
            guard self.usesTokens, !self.wasRejected else { return .giveUp(.rejected) }
            self.wasRejected = true
            return .mintAgain
        }
        guard Self.mayBeWaking(error) else { return .giveUp(.other) }
        let wait = self.pause + self.pause * (jitter * 0.5)
        guard now + wait < self.deadline else { return .giveUp(.unreachable) }
        // With its jitter below a second, so that a database that is back is found to be back within one.
        self.pause = min(self.pause * 2, .milliseconds(600))
        return .retry(after: wait)
    }

    /// Whether the failure is one of a compute that sleeps, starts or stops: refused, timed out, class 08, 57P03.
    static func mayBeWaking(_ error: PQError) -> Bool {
        if let state = error.sqlState { return state.isConnectionWorthRetrying || state == .adminShutdown }
        return error.code == .connectionFailed || error.code == .timedOut || error.code == .connectionClosed
    }
}

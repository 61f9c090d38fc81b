//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import AsyncPQPool

/// Decides after each failed attempt to log in whether and when to try again.
///
/// As ``ConnectAttempts`` decides; in addition a refused login is tried once more with a newly minted credential.
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

    private var attempts: ConnectAttempts
    private let usesTokens: Bool
    private var wasRejected = false

    init(deadline: Instant, usesTokens: Bool, now: Instant = .now) {
        self.attempts = ConnectAttempts(deadline: deadline, now: now)
        self.usesTokens = usesTokens
    }

    /// - Parameter jitter: 0...1, spreads the attempts of many clients.
    mutating func failed(_ error: PQError, now: Instant, jitter: Double) -> Decision {
        switch self.attempts.failed(error, now: now, jitter: jitter) {
        case .retry(let pause): return .retry(after: pause)
        case .unreachable: return .giveUp(.unreachable)
        case .giveUp: return .giveUp(.other)
        case .refused:
            guard self.usesTokens, !self.wasRejected else { return .giveUp(.rejected) }
            self.wasRejected = true
            return .mintAgain
        }
    }

    /// Whether the compute may be suspended, starting, stopping or full.
    static func mayBeWaking(_ error: PQError) -> Bool { ConnectAttempts.mayBeStarting(error) }
}

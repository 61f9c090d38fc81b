//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime

/// How long a call may take, and what is tried again.
///
/// Tried again are 429 and 503 for every request, failures to connect for every request, and broken connections and overlong attempts for requests
/// that may be repeated. No other status is. This is the behaviour of the other Databricks clients, with a shorter limit.
public struct RetryPolicy: Sendable, Hashable {
    /// The limit for a call with all its attempts and pauses: 60 seconds.
    public var totalLimit: Duration
    /// The limit for one attempt, its body included: 30 seconds.
    public var attemptLimit: Duration
    /// The first pause when the service does not ask for one: half a second.
    ///
    /// It doubles with each attempt.
    public var pauseBase: Duration
    /// The longest pause of our own: 10 seconds.
    public var pauseLimit: Duration

    /// The most attempts; nil, the default, leaves only the time to limit them.
    public var maximumAttempts: Int?

    /// A policy, with defaults for everything.
    public init(
        totalLimit: Duration = .seconds(60),
        attemptLimit: Duration = .seconds(30),
        pauseBase: Duration = .milliseconds(500),
        pauseLimit: Duration = .seconds(10),
        maximumAttempts: Int? = nil
    ) {
        self.totalLimit = totalLimit
        self.attemptLimit = attemptLimit
        self.pauseBase = pauseBase
        self.pauseLimit = pauseLimit
        self.maximumAttempts = maximumAttempts
    }

    /// How an attempt ended without an answer that counts.
    public enum Failure: Sendable, Hashable {
        /// The service answered with a status that is no success.
        case status(Int, retryAfter: Duration?)
        /// Connecting failed, so the request was not sent.
        case notConnected
        /// The connection broke or the attempt took too long; the request may have been carried out.
        case broken
        /// Anything else: a request that cannot be sent, an answer that is too large, a cancelled caller.
        case final
    }

    /// What to do after a failed attempt.
    public enum Verdict: Sendable, Hashable {
        /// Wait, then try again.
        case retry(after: Duration)
        /// It is of no use, or there is no time left.
        case giveUp
    }

    /// Decides after a failed attempt.
    ///
    /// - Parameters:
    ///   - failure: How it ended.
    ///   - attempt: Its number, from one.
    ///   - elapsed: The time since the call began.
    ///   - isRepeatable: Whether doing it twice is the same as doing it once.
    ///   - jitter: 0 to 1; takes up to half of our own pause away, and adds up to a second to one that was asked for. What the service asks for
    ///     makes a pause longer than our own, and never shorter: a service that says "at once" while it refuses would be asked without an end.
    public func verdict(
        after failure: Failure, attempt: Int, elapsed: Duration, isRepeatable: Bool, jitter: Double
    ) -> Verdict {
        if let maximumAttempts, attempt >= maximumAttempts { return .giveUp }
        let asked: Duration?
        switch failure {
        case .status(429, let retryAfter), .status(503, let retryAfter): asked = retryAfter
        case .status, .final: return .giveUp
        case .notConnected: asked = nil
        case .broken:
            guard isRepeatable else { return .giveUp }
            asked = nil
        }
        let pause = self.pause(attempt: attempt, asked: asked?.bounded, jitter: min(max(jitter, 0), 1))
        return pause < self.totalLimit.bounded - elapsed.bounded ? .retry(after: pause) : .giveUp
    }

    private func pause(attempt: Int, asked: Duration?, jitter: Double) -> Duration {
        var pause = self.pauseBase
        for _ in 1..<max(2, min(attempt, 30)) where attempt > 1 && pause < self.pauseLimit { pause *= 2 }
        let own = min(pause, self.pauseLimit) * (1 - 0.5 * jitter)
        guard let asked, asked > .zero else { return own }
        return max(own, asked + .seconds(1) * jitter)
    }
}

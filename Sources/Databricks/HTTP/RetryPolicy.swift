//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime

/// The time limits of a call, and when it is retried.
///
/// Tried again are 429 and 503 for every request, failures to connect for every request, and broken connections and
/// overlong attempts for requests that may be repeated. No other status is. This is the behaviour of the other
/// Databricks clients, with a shorter limit.
public struct RetryPolicy: Sendable, Hashable {
    /// The limit for a call with all its attempts and pauses: 60 seconds.
    public var totalLimit: Duration
    /// The limit for one attempt, its body included: 30 seconds.
    public var attemptLimit: Duration
    /// The first pause when the service does not ask for one: half a second.
    ///
    /// It doubles with each attempt.
    public var pauseBase: Duration
    /// The longest pause that the service did not request: 10 seconds.
    public var pauseLimit: Duration

    /// The maximum number of attempts; nil, the default, for no limit but time.
    public var maximumAttempts: Int?

    /// Creates a policy; every value has a default.
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

    /// The failure of an attempt.
    public enum Failure: Sendable, Hashable {
        /// The service answered with an error status.
        case status(Int, retryAfter: Duration?)
        /// Connecting failed, so the request was not sent.
        case notConnected
        /// The connection was lost or the attempt took too long; the request may have been executed.
        case broken
        /// Anything else: a request that cannot be sent, an answer that is too large, a cancelled caller.
        case final
    }

    /// What to do after a failed attempt.
    public enum Verdict: Sendable, Hashable {
        /// Wait, then try again.
        case retry(after: Duration)
        /// Do not retry: it cannot help, or there is no time left.
        case giveUp
    }

    /// Decides after a failed attempt.
    ///
    /// - Parameters:
    ///   - failure: How it ended.
    ///   - attempt: Its number, from one.
    ///   - elapsed: The time since the call began.
    ///   - isRepeatable: Whether doing it twice is the same as doing it once.
    ///   - jitter: 0 to 1; shortens the policy's own pause by up to a half, and lengthens a requested one by up to a
    ///     second. What the service asks for makes a pause longer than our own, and never shorter: a service that says
    ///     "at once" while it refuses would be asked without an end.
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

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// When a token is renewed, and how soon a failed renewal is retried.
public struct TokenCachePolicy: Sendable, Hashable {
    /// How long before its expiry a token is renewed, if its lifetime allows: two minutes.
    public var refreshMargin: Duration
    /// The largest part of a token's lifetime that the margin may take: a fifth.
    public var maximumMarginFraction: Double
    /// How long before its expiry a token is no longer returned if a new one can be minted: five seconds.
    ///
    /// It is never more than a twentieth of the life. Without it a caller could be given a token that is dead when it arrives.
    public var reserve: Duration
    /// The pause after a first failure: one second.
    ///
    /// It doubles with each further one.
    public var backoffBase: Duration
    /// The longest pause after a failure that the server did not request: fifteen seconds.
    public var backoffLimit: Duration
    /// The longest pause that a server may ask for with `Retry-After`: five minutes.
    public var retryAfterLimit: Duration
    /// The longest lifetime that is accepted: a day.
    ///
    /// A token that claims more is renewed after this time all the same. Where the service promises a longest life, such as the hour of a database
    /// credential, set it here: then a clock of this machine that is slow does not make tokens seem to live longer than they do.
    public var maximumLife: Duration
    /// How far the clock may go back before the token is replaced: five seconds.
    public var clockTolerance: Duration

    /// Creates a policy; every value has a default.
    public init(
        refreshMargin: Duration = .seconds(120),
        maximumMarginFraction: Double = 0.2,
        reserve: Duration = .seconds(5),
        backoffBase: Duration = .seconds(1),
        backoffLimit: Duration = .seconds(15),
        retryAfterLimit: Duration = .seconds(300),
        maximumLife: Duration = .seconds(86_400),
        clockTolerance: Duration = .seconds(5)
    ) {
        self.refreshMargin = refreshMargin
        self.maximumMarginFraction = maximumMarginFraction
        self.reserve = reserve
        self.backoffBase = backoffBase
        self.backoffLimit = backoffLimit
        self.retryAfterLimit = retryAfterLimit
        self.maximumLife = maximumLife
        self.clockTolerance = clockTolerance
    }

    /// The margin in seconds for a token of this lifetime.
    ///
    /// - Parameters:
    ///   - life: Seconds the token lives.
    ///   - jitter: 0 to 1. Spreads the renewals of many processes over the last quarter of the margin; the margin only shrinks.
    func margin(life: TimeInterval, jitter: Double) -> TimeInterval {
        let full = min(self.refreshMargin.timeInterval, life * self.maximumMarginFraction)
        return full * (1 - 0.25 * min(max(jitter, 0), 1))
    }

    /// The reserve in seconds for a token of this lifetime.
    func reserve(life: TimeInterval) -> TimeInterval {
        min(self.reserve.timeInterval, life / 20)
    }

    /// Seconds to wait after a failure.
    ///
    /// - Parameters:
    ///   - failures: How many there have been in a row, at least one.
    ///   - retryAfter: What the server asked for.
    ///   - jitter: 0 to 1. Takes up to half of our own pause away.
    func pause(failures: Int, retryAfter: Duration?, jitter: Double) -> TimeInterval {
        let doublings = Double(min(max(failures, 1) - 1, 30))
        let full = min(self.backoffBase.timeInterval * exp2(doublings), self.backoffLimit.timeInterval)
        let own = full * (1 - 0.5 * min(max(jitter, 0), 1))
        guard let retryAfter else { return own }
        return max(own, min(retryAfter.timeInterval, self.retryAfterLimit.timeInterval))
    }

    private func exp2(_ exponent: Double) -> Double {
        Double(sign: .plus, exponent: Int(exponent), significand: 1)
    }
}

extension Duration {
    /// The length in seconds.
    var timeInterval: TimeInterval {
        let (seconds, attoseconds) = self.bounded.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}

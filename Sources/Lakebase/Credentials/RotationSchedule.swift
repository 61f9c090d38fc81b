//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime
import Databricks

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// When to ask the credential cache again, for those who want each new credential as soon as there is one.
///
/// The cache renews when it is asked in the last part of a credential's life, and answers with the old one meanwhile. So:
/// nothing until then, and then now and again until the answer is another one.
enum RotationSchedule {
    /// No pause is longer: a clock may be set, a laptop may sleep.
    static let longestPause = Duration.seconds(60)

    static func pause(for credential: MintedCredential, now: Date, policy: TokenCachePolicy) -> Duration {
        let life = credential.expiresAt.timeIntervalSince(credential.mintedAt)
        let margin = min(Self.seconds(policy.refreshMargin), life * policy.maximumMarginFraction)
        let untilDue = credential.expiresAt.timeIntervalSince(now) - margin
        let again = min(max(life / 100, 0.02), 1)
        return Self.pause(max(untilDue, again))
    }

    /// After a failure, when the cache would try again itself; a second where it does not say.
    static func pause(afterFailureUntil retryAt: Date?, now: Date) -> Duration {
        let wait = retryAt?.timeIntervalSince(now) ?? 1
        return Self.pause(max(wait, 0.02))
    }

    /// Times of a service may be anything: what is too long for a number is too long for a pause.
    private static func pause(_ wait: TimeInterval) -> Duration {
        wait < 60 ? .milliseconds(Int64(max(wait, 0) * 1000)) : Self.longestPause
    }

    private static func seconds(_ duration: Duration) -> TimeInterval {
        let (seconds, attoseconds) = duration.bounded.components
        return TimeInterval(seconds) + TimeInterval(attoseconds) / 1e18
    }
}

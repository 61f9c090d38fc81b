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

/// Computes when to ask the credential cache again, so that each new credential is found as soon as it is minted.
///
/// The cache renews when it is asked in the last part of a credential's life, and returns the old one meanwhile. So
/// nothing is asked until then, and afterwards at intervals until the answer is a new credential.
enum RotationSchedule {
    /// The longest pause: the clock may be set, or a laptop may sleep.
    static let longestPause = Duration.seconds(60)

    static func pause(for credential: MintedCredential, now: Date, policy: TokenCachePolicy) -> Duration {
        let life = credential.expiresAt.timeIntervalSince(credential.mintedAt)
        let margin = min(Self.seconds(policy.refreshMargin), life * policy.maximumMarginFraction)
        let untilDue = credential.expiresAt.timeIntervalSince(now) - margin
        let again = min(max(life / 100, 0.02), 1)
        return Self.pause(max(untilDue, again))
    }

    /// The pause after a failure: until the cache itself retries, or a second if that time is unknown.
    static func pause(afterFailureUntil retryAt: Date?, now: Date) -> Duration {
        let wait = retryAt?.timeIntervalSince(now) ?? 1
        return Self.pause(max(wait, 0.02))
    }

    /// Limits a pause that is computed from times of the service, which may have any value.
    private static func pause(_ wait: TimeInterval) -> Duration {
        wait < 60 ? .milliseconds(Int64(max(wait, 0) * 1000)) : Self.longestPause
    }

    private static func seconds(_ duration: Duration) -> TimeInterval {
        let (seconds, attoseconds) = duration.bounded.components
        return TimeInterval(seconds) + TimeInterval(attoseconds) / 1e18
    }
}

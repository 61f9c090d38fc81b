//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Limits durations and times from outside, so that they never overflow.
///
/// The system's clocks count seconds in 64 bits, and sums beyond that trap. What is further away than a century is as
/// good as never.
extension Duration {
    /// A hundred years.
    package static let century = Duration.seconds(100 * 366 * 86_400)

    /// The duration, or a century where it is longer, in either direction.
    package var bounded: Duration { min(max(self, .zero - .century), .century) }

    /// The duration in milliseconds, rounded up, for system calls; limited to their range.
    package var pollMilliseconds: Int32 {
        let (seconds, attoseconds) = self.bounded.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }
}

extension ContinuousClock.Instant {
    /// The time a duration later, or a century later where that is longer.
    package func later(by duration: Duration) -> Self { self.advanced(by: duration.bounded) }

    /// The time, or a century from now where it is further away.
    package func bounded(from now: Self = .now) -> Self {
        min(max(self, now.advanced(by: .zero - .century)), now.advanced(by: .century))
    }
}

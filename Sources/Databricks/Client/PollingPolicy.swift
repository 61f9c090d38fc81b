//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime

/// The pauses between two looks at work that goes on at the service.
///
/// By default 1, 2, 3 and so on up to 10 seconds, each with 50 to 750 milliseconds of chance: those of the other Databricks clients.
public struct PollingPolicy: Sendable, Hashable {
    /// The first pause, and how much longer each further one is.
    public var step: Duration
    /// The longest pause, without chance.
    public var limit: Duration
    /// What chance adds.
    public var jitter: ClosedRange<Duration>

    /// A policy, with defaults for everything.
    public init(
        step: Duration = .seconds(1),
        limit: Duration = .seconds(10),
        jitter: ClosedRange<Duration> = .milliseconds(50) ... .milliseconds(750)
    ) {
        self.step = step
        self.limit = limit
        self.jitter = jitter
    }

    /// The pause after a look that found the work unfinished.
    ///
    /// - Parameters:
    ///   - look: Its number, from one.
    ///   - chance: 0 to 1.
    func pause(after look: Int, chance: Double) -> Duration {
        let chance = min(max(chance, 0), 1)
        let (least, most) = (self.jitter.lowerBound.bounded, self.jitter.upperBound.bounded)
        let extra = least + (most - least) * chance
        return min(self.step.bounded * min(max(look, 1), 1_000), self.limit.bounded) + extra.bounded
    }
}

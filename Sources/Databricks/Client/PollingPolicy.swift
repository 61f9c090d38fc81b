//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import BoundedTime

/// The pauses between two polls of work that continues at the service.
///
/// By default 1, 2, 3 and so on up to 10 seconds, each with 50 to 750 milliseconds of chance: those of the other Databricks clients.
public struct PollingPolicy: Sendable, Hashable {
    /// The first pause, and the increase of each further one.
    public var step: Duration
    /// The longest pause, before the random part.
    public var limit: Duration
    /// The range of the random part of a pause.
    public var jitter: ClosedRange<Duration>

    /// Creates a policy; every value has a default.
    public init(
        step: Duration = .seconds(1),
        limit: Duration = .seconds(10),
        jitter: ClosedRange<Duration> = .milliseconds(50) ... .milliseconds(750)
    ) {
        self.step = step
        self.limit = limit
        self.jitter = jitter
    }

    /// The pause after a poll that found the work unfinished.
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

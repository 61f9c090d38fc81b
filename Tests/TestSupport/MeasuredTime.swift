//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// How long some work took, and how long known work took beside it.
///
/// What the product promises in seconds it promises on a machine that has time for it. A test that measured seconds alone would
/// measure what else the machine does; known work, done at the same moment, tells how much that is.
public struct MeasuredTime: Sendable {
    /// How long the work took.
    public var work: Duration
    /// How long the known work took, at most.
    public var yardstick: Duration

    /// Both times.
    public init(work: Duration, yardstick: Duration) {
        self.work = work
        self.yardstick = yardstick
    }

    /// Whether the work ended within `limit`, or within five times the known work where the machine is busy.
    ///
    /// - Parameter wait: A time that the work has to wait first, and that no machine makes shorter.
    public func isWithin(_ limit: Duration, after wait: Duration = .zero) -> Bool {
        self.work - wait < max(limit, self.yardstick * 5)
    }
}

/// Measures `work`, and beside it `yardstick` again and again until the work is over; the longest time of the known work counts.
public func measure(
    _ work: @escaping @Sendable () async throws -> Void, beside yardstick: @escaping @Sendable () async throws -> Void
) async throws -> MeasuredTime {
    let state = MeasurementState()
    async let longest = state.longest(of: yardstick)
    defer { state.end() }
    let time = try await ContinuousClock().measure(work)
    state.end()
    return MeasuredTime(work: time, yardstick: try await longest)
}

private final class MeasurementState: Sendable {
    private let isOver = Atomic(false)

    func end() { self.isOver.store(true, ordering: .relaxed) }

    func longest(of yardstick: @Sendable () async throws -> Void) async throws -> Duration {
        var longest = Duration.zero
        repeat {
            longest = max(longest, try await ContinuousClock().measure(yardstick))
        } while !self.isOver.load(ordering: .relaxed)
        return longest
    }
}

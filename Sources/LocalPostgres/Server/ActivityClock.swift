//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// Records when a compute's sessions last moved bytes; cheap enough for every chunk.
package final class ActivityClock: Sendable {
    private struct State {
        var last: ContinuousClock.Instant
        var open = 0
        var pins = 0
        var wasUsed = false
    }
    private let state: Mutex<State>

    init(now: ContinuousClock.Instant = .now) { self.state = Mutex(State(last: now)) }

    /// The time of the last activity.
    package var last: ContinuousClock.Instant { self.state.withLock { $0.last } }

    /// The number of open sessions.
    package var openSessions: Int { self.state.withLock { $0.open } }

    /// Whether there has been a session.
    package var wasUsed: Bool { self.state.withLock { $0.wasUsed } }

    /// The number of internal tasks, during which the compute is not suspended.
    var pins: Int { self.state.withLock { $0.pins } }

    /// Records the beginning of an internal task.
    package func pin() { self.state.withLock { $0.pins += 1 } }

    /// Records the end of an internal task, which counts as activity.
    package func unpin() {
        self.state.withLock {
            $0.pins -= 1
            $0.last = .now
        }
    }

    /// Records activity.
    package func touch(now: ContinuousClock.Instant = .now) {
        self.state.withLock { $0.last = max($0.last, now) }
    }

    /// Records the beginning of a session.
    package func begin() {
        self.state.withLock {
            $0.open += 1
            $0.wasUsed = true
            $0.last = .now
        }
    }

    /// Records the end of a session.
    package func end() {
        self.state.withLock {
            $0.open -= 1
            $0.last = .now
        }
    }
}

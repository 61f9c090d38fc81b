//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// When a compute's sessions last moved bytes; cheap enough for every chunk that passes.
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

    /// How many sessions there are.
    package var openSessions: Int { self.state.withLock { $0.open } }

    /// Whether there has been a session.
    package var wasUsed: Bool { self.state.withLock { $0.wasUsed } }

    /// How much work of our own there is, during which the compute is not to sleep.
    var pins: Int { self.state.withLock { $0.pins } }

    /// Notes the begin of work of our own.
    package func pin() { self.state.withLock { $0.pins += 1 } }

    /// Notes the end of work of our own, which counts as activity.
    package func unpin() {
        self.state.withLock {
            $0.pins -= 1
            $0.last = .now
        }
    }

    /// Notes activity.
    package func touch(now: ContinuousClock.Instant = .now) {
        self.state.withLock { $0.last = max($0.last, now) }
    }

    /// Notes a session that begins.
    package func begin() {
        self.state.withLock {
            $0.open += 1
            $0.wasUsed = true
            $0.last = .now
        }
    }

    /// Notes a session that ended.
    package func end() {
        self.state.withLock {
            $0.open -= 1
            $0.last = .now
        }
    }
}

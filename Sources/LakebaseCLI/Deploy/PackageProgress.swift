//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseDeploy
import Synchronization

/// Says what packaging is at, on standard error: a line that changes on a terminal, a line every ten seconds elsewhere.
///
/// The first two seconds pass in silence.
final class PackageProgress: Sendable {
    private struct State {
        var last: ContinuousClock.Instant
        var hasLine = false
    }

    private let started = ContinuousClock.now
    private let isTerminal = Terminal.showsProgress
    private let state: Mutex<State>

    init() {
        // The first line elsewhere comes after two seconds, the next ten later.
        self.state = Mutex(State(last: .now - .seconds(8)))
    }

    func step(_ step: PackagingStep) {
        let now = ContinuousClock.now
        guard now - self.started >= .seconds(2) else { return }
        let line = "lakebase: \(step) (\((now - self.started).components.seconds) s)"
        self.state.withLock { state in
            if self.isTerminal {
                // A line wider than the terminal wraps, and its first part could not be erased.
                Terminal.progress(String(line.prefix(100)))
                state.hasLine = true
            } else if now - state.last >= .seconds(10) {
                Terminal.note(line)
                state.last = now
            }
        }
    }

    /// Takes the line away.
    func end() {
        self.state.withLock { state in
            if state.hasLine { Terminal.progress("") }
            state.hasLine = false
        }
    }
}

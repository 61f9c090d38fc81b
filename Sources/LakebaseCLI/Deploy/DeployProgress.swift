//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseDeploy
import Synchronization

/// Says on standard error what is being done: on a terminal a line that changes, elsewhere plain lines.
///
/// ```
/// [3/9] create app notes
/// [3/9] create app notes: done in 12 s
/// ```
final class DeployProgress: Sendable {
    private struct State {
        var step = ""
        var started = ContinuousClock.now
        var last = ContinuousClock.now
        var hasLine = false
    }

    private let isTerminal = Terminal.showsProgress
    private let state = Mutex(State())
    /// How often something without steps writes a line where there is no terminal.
    private static let pause = Duration.seconds(10)

    /// An event of a run.
    func take(_ event: DeployEvent) {
        self.state.withLock { state in
            switch event {
            case .began(let step, let number, let count):
                state.step = "[\(number)/\(count)] \(step.title)"
                (state.started, state.last) = (.now, .now)
                self.write(state.step, &state)
            case .progress(let words): self.write(words, later: &state)
            case .note(let words):
                self.clear(&state)
                Terminal.note("\(state.step): \(words)")
            case .finished(_, let time):
                self.clear(&state)
                Terminal.note("\(state.step): done\(Self.words(time))")
            }
        }
    }

    /// What something without steps is at.
    func tell(_ words: String) { self.state.withLock { self.write(words, later: &$0) } }

    /// Takes the line away.
    func end() { self.state.withLock { self.clear(&$0) } }

    /// More about the step: at once on a terminal, now and then elsewhere.
    private func write(_ words: String, later state: inout State) {
        guard self.isTerminal || ContinuousClock.now - state.last >= Self.pause else { return }
        state.last = .now
        let seconds = (ContinuousClock.now - state.started).components.seconds
        self.write((state.step.isEmpty ? "" : "\(state.step): ") + "\(words) (\(seconds) s)", &state)
    }

    private func write(_ line: String, _ state: inout State) {
        if self.isTerminal {
            // A line wider than the terminal wraps, and its first part could not be erased.
            Terminal.progress(String(line.prefix(100)))
            state.hasLine = true
        } else {
            Terminal.note(line)
        }
    }

    private func clear(_ state: inout State) {
        if state.hasLine { Terminal.progress("") }
        state.hasLine = false
    }

    private static func words(_ time: Duration) -> String {
        time < .seconds(2) ? "" : " in \(time.components.seconds) s"
    }
}

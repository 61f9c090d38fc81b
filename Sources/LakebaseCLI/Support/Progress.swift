//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// Shows on standard error what the command is doing when that takes long.
///
/// A terminal shows one line, which is rewritten and then erased. A file or a pipe gets plain lines. ``ProgressLines`` decides
/// which and when.
final class Progress: Sendable {
    private let medium: ProgressLines.Medium
    private let style: ProgressLines.Style
    private let started = ContinuousClock.now
    private let lines: Mutex<ProgressLines>
    private let step: @Sendable () -> String?

    /// - Parameter step: Called repeatedly: what is being done. It returns nil where ``begin(_:)`` is used.
    init(_ style: ProgressLines.Style = .slow, step: @Sendable @escaping () -> String?) {
        self.medium = Terminal.showsProgress ? .terminal : .lines
        self.style = style
        self.lines = Mutex(ProgressLines(self.medium, style))
        self.step = step
    }

    /// Runs a body and shows what it does until it ends.
    ///
    /// - Parameter step: What is being done, such as `waiting for the endpoint e to wake`.
    static func during<Value: Sendable>(
        _ step: @Sendable @autoclosure @escaping () -> String, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await Progress(step: step).during(body)
    }

    /// Runs a body that reports its steps with ``begin(_:)`` and ``tell(_:)``.
    static func ofSteps<Value: Sendable>(
        _ style: ProgressLines.Style, _ body: @Sendable (Progress) async throws -> Value
    ) async throws -> Value {
        let progress = Progress(style) { nil }
        return try await progress.during { try await body(progress) }
    }

    private func during<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.show() }
            // The group waits for its task, which leaves a clean line behind.
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// Shows the progress until the task is cancelled.
    func show() async {
        var pause = max(self.style.quiet, .milliseconds(500))
        while (try? await Task.sleep(for: pause)) != nil {
            pause = .milliseconds(500)
            self.write { lines, time in
                if let step = self.step() { lines.begin(step, at: time) } else { lines.line(at: time) }
            }
        }
        Terminal.eraseProgress()
    }

    /// Begins a step.
    func begin(_ step: String) { self.write { $0.begin(step, at: $1) } }

    /// Tells more about the step.
    func tell(_ detail: String) { self.write { $0.tell(detail, at: $1) } }

    /// Writes a line about the step that is not erased.
    func note(_ words: String) {
        self.lines.withLock { lines in
            Terminal.note([lines.step, words].compactMap { $0 }.joined(separator: ": "))
        }
    }

    /// Ends the step.
    func endStep() {
        self.lines.withLock { lines in
            lines.endStep()
            Terminal.eraseProgress()
        }
    }

    private func write(_ next: (inout ProgressLines, Duration) -> String?) {
        self.lines.withLock { lines in
            guard let line = next(&lines, ContinuousClock.now - self.started) else { return }
            switch self.medium {
            case .terminal: Terminal.progress(line)
            case .lines: Terminal.note(line)
            }
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Says on standard error what takes its time.
///
/// The first two seconds pass in silence. Then a terminal shows one line that changes and goes away; a file or a pipe gets a
/// line, and another every ten seconds.
enum SlowProgress {
    /// Runs a body and tells about it while it runs.
    ///
    /// - Parameter words: What is going on, such as `waiting for the endpoint e to wake`.
    static func during<Value: Sendable>(
        _ words: String, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await Self.report(words) }
            // The group waits for its task, which leaves a clean line behind.
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// Tells until the task is cancelled.
    static func report(_ words: String) async {
        let started = ContinuousClock.now
        guard (try? await Task.sleep(for: .seconds(2))) != nil else { return }
        let isTerminal = Terminal.showsProgress
        repeat {
            let line = "lakebase: \(words) (\((ContinuousClock.now - started).components.seconds) s)"
            if isTerminal { Terminal.progress(line) } else { Terminal.note(line) }
        } while (try? await Task.sleep(for: isTerminal ? .milliseconds(500) : .seconds(10))) != nil
        if isTerminal { Terminal.progress("") }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseDeploy

/// Shows the steps of a deployment on standard error.
///
/// ```
/// [3/9] create app notes
/// [3/9] create app notes: done in 12 s
/// ```
struct DeployProgress: Sendable {
    private let progress: Progress

    /// Runs a body that reports events of a run.
    static func during<Value: Sendable>(
        _ body: @Sendable (DeployProgress) async throws -> Value
    ) async throws -> Value {
        try await Progress.ofSteps(.steps) { try await body(DeployProgress(progress: $0)) }
    }

    /// Shows an event of a run.
    func take(_ event: DeployEvent) {
        switch event {
        case .began(let step, let number, let count): self.progress.begin(Self.title(step, number, count))
        case .progress(let words): self.progress.tell(words)
        case .note(let words): self.progress.note(words)
        case .finished(_, let time):
            self.progress.note("done\(time < .seconds(2) ? "" : " in \(time.components.seconds) s")")
            self.progress.endStep()
        }
    }

    private static func title(_ step: DeployStep, _ number: Int, _ count: Int) -> String {
        "[\(number)/\(count)] \(step.title)"
    }
}

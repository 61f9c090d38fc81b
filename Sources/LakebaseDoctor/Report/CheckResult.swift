//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Lakebase

/// What a step came to: pure, made from evidence.
package struct CheckResult: Sendable, Hashable {
    /// How it stands.
    package enum Verdict: String, Sendable, Hashable, CaseIterable, Encodable {
        case ok
        /// It works, and something about it will bite.
        case warning
        case failure
        case skipped
    }

    package var verdict: Verdict
    /// What is true, in a sentence without its full stop.
    package var text: String
    /// The facts, each in a sentence.
    package var evidence: [String] = []
    /// The entry of the catalogue of errors that this is.
    package var problem: LakebaseProblem?
    package var remedy: String?
    package var command: String?
    /// Who may run the command, where not everybody may.
    package var requiredRole: String?
    /// The step on whose account this one was left out; nil where it has nothing to look at.
    package var blockedBy: DoctorStep?

    package static func ok(_ text: String, evidence: [String] = []) -> CheckResult {
        CheckResult(verdict: .ok, text: text, evidence: evidence)
    }

    /// There is nothing for the step to look at.
    package static func notNeeded(_ reason: String) -> CheckResult {
        CheckResult(verdict: .skipped, text: reason)
    }

    package static func blocked(by step: DoctorStep, _ reason: String) -> CheckResult {
        CheckResult(verdict: .skipped, text: reason, blockedBy: step)
    }

    /// A warning or a failure.
    package static func problem(
        _ verdict: Verdict, _ problem: LakebaseProblem, _ text: String, evidence: [String] = [],
        remedy: String? = nil, command: String? = nil, requiredRole: String? = nil
    ) -> CheckResult {
        CheckResult(
            verdict: verdict, text: text, evidence: evidence, problem: problem, remedy: remedy ?? problem.remedy,
            command: command ?? problem.command, requiredRole: requiredRole)
    }

    /// What the library says of it.
    package static func explained(
        _ explanation: LakebaseExplanation, as verdict: Verdict = .failure
    ) -> CheckResult {
        CheckResult(
            verdict: verdict, text: (explanation.isEstablished ? "" : "most likely ") + explanation.summary,
            evidence: explanation.evidence, problem: explanation.problem, remedy: explanation.remedy,
            command: explanation.command, requiredRole: explanation.requiredRole)
    }

    /// Whether what depends on the step cannot be looked at.
    var blocks: Bool {
        switch self.verdict {
        case .ok, .warning: false
        case .failure: true
        case .skipped: self.blockedBy != nil
        }
    }
}

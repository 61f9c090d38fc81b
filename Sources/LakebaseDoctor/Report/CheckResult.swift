//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Lakebase

/// The result of a step: pure, made from evidence.
package struct CheckResult: Sendable, Hashable {
    /// Whether the step succeeded.
    package enum Verdict: String, Sendable, Hashable, CaseIterable, Encodable {
        case ok
        /// It works, but it will cause trouble.
        case warning
        case failure
        case skipped
    }

    package var verdict: Verdict
    /// The finding, as a sentence without its full stop.
    package var text: String
    /// The facts, each as a sentence.
    package var evidence: [String] = []
    /// The matching entry of the catalogue of errors.
    package var problem: LakebaseProblem?
    package var remedy: String?
    package var command: String?
    /// The role that may run the command, if not every role may.
    package var requiredRole: String?
    /// The failed step because of which this one was skipped; nil where there is nothing to check.
    package var blockedBy: DoctorStep?

    package static func ok(_ text: String, evidence: [String] = []) -> CheckResult {
        CheckResult(verdict: .ok, text: text, evidence: evidence)
    }

    /// The result of a step that has nothing to check.
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

    /// The result for an explanation of the library.
    package static func explained(
        _ explanation: LakebaseExplanation, as verdict: Verdict = .failure
    ) -> CheckResult {
        CheckResult(
            verdict: verdict, text: (explanation.isEstablished ? "" : "most likely ") + explanation.finding,
            evidence: explanation.evidence, problem: explanation.problem, remedy: explanation.remedy,
            command: explanation.command, requiredRole: explanation.requiredRole)
    }

    /// Whether steps that depend on this one are skipped.
    var blocks: Bool {
        switch self.verdict {
        case .ok, .warning: false
        case .failure: true
        case .skipped: self.blockedBy != nil
        }
    }
}

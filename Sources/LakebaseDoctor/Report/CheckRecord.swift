//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase

/// A step with its result and its duration.
package struct CheckRecord: Sendable, Hashable {
    package var step: DoctorStep
    package var finding: CheckResult
    package var time: Duration

    package init(step: DoctorStep, finding: CheckResult, time: Duration) {
        self.step = step
        self.finding = finding
        self.time = time
    }

    package var verdict: CheckResult.Verdict { self.finding.verdict }
}

extension CheckRecord: Encodable {
    private enum CodingKeys: String, CodingKey {
        case step, verdict, milliseconds, finding, evidence, problem, remedy, command
        case requiredRole = "required_role"
        case blockedBy = "blocked_by"
    }

    /// Writes every key, null where there is no value.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.step, forKey: .step)
        try container.encode(self.verdict, forKey: .verdict)
        try container.encode((self.time.milliseconds * 10).rounded() / 10, forKey: .milliseconds)
        try container.encode(self.finding.text, forKey: .finding)
        try container.encode(self.finding.evidence, forKey: .evidence)
        try container.encode(self.finding.problem?.id, forKey: .problem)
        try container.encode(self.finding.remedy, forKey: .remedy)
        try container.encode(self.finding.command, forKey: .command)
        try container.encode(self.finding.requiredRole, forKey: .requiredRole)
        try container.encode(self.finding.blockedBy, forKey: .blockedBy)
    }
}

extension Duration {
    /// Milliseconds with their fraction.
    var milliseconds: Double { self / .milliseconds(1) }

    /// The duration for people: `0.4 ms`, `12 ms`, `3.1 s`.
    var shortText: String {
        let milliseconds = self.milliseconds
        if milliseconds < 9.95 { return "\((milliseconds * 10).rounded() / 10) ms" }
        if milliseconds < 1000 { return "\(Int(milliseconds.rounded())) ms" }
        return "\((milliseconds / 100).rounded() / 10) s"
    }
}

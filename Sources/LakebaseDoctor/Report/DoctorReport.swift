//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Lakebase

/// The results of all steps.
package struct DoctorReport: Sendable {
    /// The results in the order of the steps.
    package var checks: [CheckRecord] = []
    /// Every setting and its origin, secrets masked; nil where the configuration cannot be read.
    package var configuration: LakebaseConfigurationDescription?
    package var time: Duration = .zero

    package init(
        checks: [CheckRecord] = [], configuration: LakebaseConfigurationDescription? = nil, time: Duration = .zero
    ) {
        self.checks = checks
        self.configuration = configuration
        self.time = time
    }

    /// The worst verdict of all steps.
    package var verdict: CheckResult.Verdict {
        let verdicts = Set(self.checks.map(\.verdict))
        return verdicts.contains(.failure) ? .failure : verdicts.contains(.warning) ? .warning : .ok
    }

    /// 0 when all is well, 1 for a failure, as with every other command, and 2 where there are warnings only.
    package var exitStatus: Int32 {
        switch self.verdict {
        case .ok, .skipped: 0
        case .failure: 1
        case .warning: 2
        }
    }

    package subscript(step: DoctorStep) -> CheckRecord? { self.checks.first { $0.step == step } }

    func count(_ verdict: CheckResult.Verdict) -> Int { self.checks.count { $0.verdict == verdict } }
}

extension DoctorReport: Encodable {
    private struct Setting: Encodable {
        var name: String
        var value: String
        var source: String
    }

    private enum CodingKeys: String, CodingKey {
        case verdict, milliseconds, checks, settings, notes
        case exitStatus = "exit_status"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.verdict, forKey: .verdict)
        try container.encode(self.exitStatus, forKey: .exitStatus)
        try container.encode(self.time.milliseconds.rounded(), forKey: .milliseconds)
        try container.encode(self.checks, forKey: .checks)
        let settings = self.configuration?.entries ?? []
        try container.encode(
            settings.map { Setting(name: $0.name, value: $0.value, source: $0.source.description) }, forKey: .settings)
        try container.encode(self.configuration?.notes ?? [], forKey: .notes)
    }
}

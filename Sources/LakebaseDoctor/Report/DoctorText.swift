//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import Lakebase

/// The report for people.
package struct DoctorText: Sendable {
    /// Whether words are coloured.
    package var colours: Bool
    /// Whether successful steps are reported in full too.
    package var isVerbose: Bool

    package init(colours: Bool, isVerbose: Bool) {
        self.colours = colours
        self.isVerbose = isVerbose
    }

    /// The lines of a step, with its remedy.
    package func lines(_ check: CheckRecord) -> [String] {
        let finding = check.finding
        let time = check.verdict == .skipped ? "" : check.time.shortText
        let left = String(repeating: " ", count: max(0, 8 - time.count)) + time
        let name = Self.pad(check.step.rawValue, 15)
        var lines = [
            "\(self.coloured(Self.pad(check.verdict.rawValue, 8), check.verdict)) \(left)  \(name)\(finding.text)"
        ]
        let isWrong = check.verdict == .failure || check.verdict == .warning
        if isWrong || self.isVerbose { lines += finding.evidence.map { "\(Self.indent)- \($0)" } }
        guard isWrong else { return lines }
        if let problem = finding.problem { lines.append("\(Self.indent)\(problem)") }
        if let remedy = finding.remedy { lines.append("\(Self.indent)remedy: \(remedy)") }
        if let command = finding.command {
            lines.append("\(Self.indent)run\(finding.requiredRole.map { ", as \($0)" } ?? ""): \(command)")
        }
        return lines
    }

    /// The lines of the settings that are set, and with ``isVerbose`` of the defaults too.
    package func lines(_ configuration: LakebaseConfigurationDescription) -> [String] {
        let shown = configuration.entries.filter { self.isVerbose || $0.source != .standard }
        let width = (shown.map(\.name.count).max() ?? 0) + 2
        let settings = shown.map { "\(Self.indent)\(Self.pad($0.name, width))\($0.value), from \($0.source)" }
        return settings + configuration.notes.map { "\(Self.indent)note: \($0)" }
    }

    /// The last line.
    package func summary(_ report: DoctorReport) -> String {
        let counts: [(CheckResult.Verdict, String, String)] = [
            (.failure, "failure", "failures"), (.warning, "warning", "warnings"), (.ok, "ok", "ok"),
            (.skipped, "skipped", "skipped"),
        ]
        let parts = counts.compactMap { verdict, one, many -> String? in
            let count = report.count(verdict)
            return count == 0 ? nil : "\(count) \(count == 1 ? one : many)"
        }
        return "\(parts.joined(separator: ", ")) in \(report.time.shortText)"
    }

    private static let indent = String(repeating: " ", count: 19)

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private func coloured(_ text: String, _ verdict: CheckResult.Verdict) -> String {
        guard self.colours else { return text }
        let code =
            switch verdict {
            case .ok: 32
            case .warning: 33
            case .failure: 31
            case .skipped: 2
            }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}

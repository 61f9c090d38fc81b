//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The explanation of one error: its entry in the catalogue, and what was found out about this case.
///
/// Contains names of roles, hosts and tables, but no secrets and no values of rows.
public struct LakebaseExplanation: Sendable, Hashable {
    /// The entry of the catalogue.
    public var problem: LakebaseProblem
    /// The cause in this case, as a sentence without its full stop.
    public var finding: String
    /// Whether the finding follows from facts; false if it is only the most likely cause.
    public var isEstablished: Bool
    /// The facts, each as a sentence, including those that could not be determined.
    public var evidence: [String]
    /// What to do in this case.
    public var remedy: String
    /// The statement or command that fixes the problem or shows more.
    public var command: String?
    /// The role that may run the command, if not every role may.
    public var requiredRole: String?

    package init(
        _ problem: LakebaseProblem, _ finding: String, isEstablished: Bool = true, evidence: [String] = [],
        remedy: String? = nil, command: String? = nil, requiredRole: String? = nil
    ) {
        self.problem = problem
        self.finding = finding
        self.isEstablished = isEstablished
        self.evidence = evidence
        self.remedy = remedy ?? problem.remedy
        self.command = command
        self.requiredRole = requiredRole
    }

    /// Creates the general explanation of an entry of the catalogue.
    package init(general problem: LakebaseProblem, evidence: [String] = []) {
        self.init(
            problem, problem.title, isEstablished: false, evidence: evidence, remedy: problem.remedy,
            command: problem.command)
    }
}

extension LakebaseExplanation: CustomStringConvertible {
    /// Several lines: finding, evidence, remedy, command.
    public var description: String {
        var lines = ["\(self.problem.id): \(self.isEstablished ? "" : "most likely ")\(self.finding)"]
        lines += self.evidence.map { "  - \($0)" }
        lines.append("remedy: \(self.remedy)")
        if let command { lines.append("run\(self.requiredRole.map { ", as \($0)" } ?? ""): \(command)") }
        return lines.joined(separator: "\n")
    }
}

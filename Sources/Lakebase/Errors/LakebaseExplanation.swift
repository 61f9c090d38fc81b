//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What is the matter with one error: the entry of the catalogue, and what was found out about this case.
///
/// Holds names of roles, hosts and tables, and no secrets and no values of rows.
public struct LakebaseExplanation: Sendable, Hashable {
    /// The entry of the catalogue.
    public var problem: LakebaseProblem
    /// What is true in this case, in a sentence without its full stop.
    public var summary: String
    /// Whether the summary follows from facts that were asked for; false where it is only the likeliest.
    public var isEstablished: Bool
    /// The facts, each in a sentence, also those that could not be had.
    public var evidence: [String]
    /// What to do in this case.
    public var remedy: String
    /// The statement or command that mends it or shows more.
    public var command: String?
    /// Who may run the command, where not everybody may.
    public var requiredRole: String?

    package init(
        _ problem: LakebaseProblem, _ summary: String, isEstablished: Bool = true, evidence: [String] = [],
        remedy: String? = nil, command: String? = nil, requiredRole: String? = nil
    ) {
        self.problem = problem
        self.summary = summary
        self.isEstablished = isEstablished
        self.evidence = evidence
        self.remedy = remedy ?? problem.remedy
        self.command = command
        self.requiredRole = requiredRole
    }

    /// What the catalogue says in general.
    package init(general problem: LakebaseProblem, evidence: [String] = []) {
        self.init(
            problem, problem.title, isEstablished: false, evidence: evidence, remedy: problem.remedy,
            command: problem.command)
    }
}

extension LakebaseExplanation: CustomStringConvertible {
    /// Several lines: summary, evidence, remedy, command.
    public var description: String {
        var lines = ["\(self.problem.id): \(self.isEstablished ? "" : "most likely ")\(self.summary)"]
        lines += self.evidence.map { "  - \($0)" }
        lines.append("remedy: \(self.remedy)")
        if let command { lines.append("run\(self.requiredRole.map { ", as \($0)" } ?? ""): \(command)") }
        return lines.joined(separator: "\n")
    }
}

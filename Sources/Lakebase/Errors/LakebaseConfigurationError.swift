//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExplainedErrors

/// Everything that is wrong with a configuration, each problem with its fix.
public struct LakebaseConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One problem.
    public struct Problem: Sendable, Hashable {
        /// The environment variable or setting that has the problem.
        public var setting: String
        /// What is wrong with the setting.
        public var message: String
        /// How to correct it.
        public var remedy: String

        /// A problem and its fix.
        public init(setting: String, message: String, remedy: String) {
            self.setting = setting
            self.message = message
            self.remedy = remedy
        }
    }

    /// The problems, at least one.
    public var problems: [Problem]

    /// An error made of problems.
    public init(problems: [Problem]) { self.problems = problems }

    /// One line for each problem.
    public var description: String {
        let lines = self.problems.map { "  - \($0.setting) \($0.message): \($0.remedy)" }
        return "Lakebase cannot be configured:\n" + lines.joined(separator: "\n")
    }
}

extension LakebaseConfigurationError: ExplainedError {
    /// The id of the catalogue's entry.
    package var id: String { LakebaseProblem.configurationInvalid.id }
    /// What all the problems have in common.
    package var message: String { "Lakebase cannot be configured" }
    /// A line for each problem.
    package var details: [String] {
        self.problems.map { "\($0.setting) \($0.message): \($0.remedy)" }
    }
    /// What to do about all of them.
    package var remedy: String? { LakebaseProblem.configurationInvalid.remedy }
    /// The command of the catalogue's entry.
    package var command: String? { LakebaseProblem.configurationInvalid.command }
}

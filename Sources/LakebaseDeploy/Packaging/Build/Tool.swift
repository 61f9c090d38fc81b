//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Subprocess

/// Runs the tools of a developer's machine.
struct Tool: Sendable {
    /// Found in `PATH`.
    var name: String

    /// What a tool ended with.
    struct Outcome: Sendable {
        var succeeded: Bool
        /// How it ended, in words.
        var status: String
        /// What it wrote: the last lines, and before them those that say `error:`.
        var lines: [String]
    }

    /// Variables that no compiler needs, with which a program could log in.
    static let secretVariables = [
        "DATABRICKS_TOKEN", "DATABRICKS_CLIENT_SECRET", "DATABRICKS_OIDC_TOKEN", "DATABASE_URL", "PGPASSWORD",
    ]

    /// Runs it to its end; cancelling the task ends it.
    ///
    /// - Parameter line: Called for each line it writes, on either of its outputs.
    /// - Throws: ``PackagingError/Code/toolMissing`` if there is no such program, `CancellationError`.
    func run(_ arguments: [String], line: (String) -> Void = { _ in }) async throws -> Outcome {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        var lines = ToolLines()
        do {
            let result = try await Subprocess.run(
                .name(self.name), arguments: Arguments(arguments), environment: Self.environment,
                platformOptions: options, input: .none, output: .sequence, error: .combinedWithOutput
            ) { execution in
                for try await text in execution.standardOutput.strings() {
                    lines.append(text)
                    line(text)
                }
            }
            try Task.checkCancellation()
            return Outcome(
                succeeded: result.terminationStatus.isSuccess, status: "\(result.terminationStatus)",
                lines: lines.summary)
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw PackagingError(
                .toolMissing, "\(self.name) is not installed, or PATH does not name its folder; \(self.remedy)")
        }
    }

    private var remedy: String {
        switch self.name {
        case "swift": "install Swift from https://www.swift.org/install"
        case "strip": "install binutils"
        default: "install \(self.name)"
        }
    }

    private static var environment: Subprocess.Environment {
        var changes: [Subprocess.Environment.Key: String?] = [:]
        for name in Self.secretVariables {
            if let key = Subprocess.Environment.Key(rawValue: name) { changes.updateValue(nil, forKey: key) }
        }
        return .inherit.updating(changes)
    }
}

/// Keeps the lines of a tool that tell why it failed, however much it wrote.
struct ToolLines: Sendable {
    /// How many lines of each kind are kept.
    static let limit = 20

    private var errors: [String] = []
    private var last: [String] = []

    mutating func append(_ line: String) {
        // A compiler says the same error once for each module that imports the file.
        if line.contains("error:"), self.errors.count < Self.limit, !self.errors.contains(line) {
            self.errors.append(line)
        }
        self.last.append(line)
        if self.last.count > Self.limit { self.last.removeFirst() }
    }

    /// The errors that the last lines do not have, then the last lines.
    var summary: [String] { self.errors.filter { !self.last.contains($0) } + self.last }
}

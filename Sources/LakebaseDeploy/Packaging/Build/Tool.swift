//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ProgramLauncher
import Synchronization

/// Runs the tools of a developer's machine.
struct Tool: Sendable {
    /// Found in `PATH`.
    var name: String

    /// The outcome of a tool.
    struct Outcome: Sendable {
        var succeeded: Bool
        /// How the tool ended, in words.
        var status: String
        /// The tool's last lines, and before them its lines with `error:`.
        var lines: [String]
    }

    /// Variables with credentials, which no compiler needs.
    static let secretVariables = [
        "DATABRICKS_TOKEN", "DATABRICKS_CLIENT_SECRET", "DATABRICKS_OIDC_TOKEN", "DATABASE_URL", "PGPASSWORD",
    ]

    /// Runs the tool to its end; cancelling the task ends it.
    ///
    /// - Parameter line: Called for each line it writes, on either of its outputs.
    /// - Throws: ``PackagingError/Code/toolMissing`` if there is no such program, `CancellationError`.
    func run(_ arguments: [String], line: @escaping @Sendable (String) -> Void = { _ in }) async throws -> Outcome {
        let lines = Mutex(ToolLines())
        let changes = Dictionary(uniqueKeysWithValues: Self.secretVariables.map { ($0, String?.none) })
        do {
            let status = try await Program(self.name, arguments, environment: .inherited(changes: changes))
                .streamingLines { text in
                    lines.withLock { $0.append(text) }
                    line(text)
                }
            return Outcome(
                succeeded: status.isSuccess, status: "\(status)", lines: lines.withLock { $0.summary })
        } catch ProgramError.notFound {
            throw PackagingError(
                .toolMissing, "\(self.name) is not installed, or PATH does not have its folder",
                remedy: self.remedy)
        } catch let error as ProgramError {
            throw PackagingError(.toolFailed, "\(error)")
        }
    }

    private var remedy: String {
        switch self.name {
        case "swift": "install Swift from https://www.swift.org/install"
        case "strip": "install binutils"
        default: "install \(self.name)"
        }
    }
}

/// Keeps the lines of a tool that show why it failed, within a limit.
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

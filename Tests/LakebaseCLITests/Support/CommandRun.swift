//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// One run of a command that was built beside the tests, with a limit on its time.
struct CommandRun {
    var status: Int32
    var output: String
    var errors: String

    /// The errors, without the lines that only say where something is changed, and what takes its time, as it does on a busy
    /// machine.
    var complaints: String {
        self.errors.split(separator: "\n", omittingEmptySubsequences: false).filter {
            !$0.hasPrefix("lakebase: workspace ") && !$0.hasPrefix("lakebase: database ")
                && !($0.hasPrefix("lakebase: ") && $0.wholeMatch(of: /.* \([0-9]+ s\)/) != nil)
        }.joined(separator: "\n")
    }

    /// Where the commands are.
    static let folder = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()

    /// What a command finds unless a test says otherwise: nothing of Databricks or PostgreSQL.
    static var plainEnvironment: [String: String] {
        var variables = ProcessInfo.processInfo.environment.filter {
            !$0.key.hasPrefix("PG") && !$0.key.hasPrefix("DATABRICKS") && !$0.key.hasPrefix("LAKEBASE")
        }
        variables["DATABRICKS_CONFIG_FILE"] = "/nonexistent/databrickscfg"
        return variables
    }

    /// Starts a command of ours, or another one by its path.
    static func start(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], output: FileHandle,
        errors: FileHandle
    ) throws -> Process {
        let process = Process()
        process.executableURL =
            name.hasPrefix("/") ? URL(fileURLWithPath: name) : Self.folder.appendingPathComponent(name)
        process.arguments = arguments
        process.environment = Self.plainEnvironment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        // The command has its own. Foundation keeps those of a process that has ended, and reads beyond its buffer where there are
        // more than a thousand.
        try output.close()
        try? errors.close()
        return process
    }

    /// Runs a command to its end; after `limit` it is killed, and its status is that of the kill.
    @concurrent
    static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], limit: Duration = .seconds(180)
    ) async throws -> CommandRun {
        let folder = try Scratch()
        let (output, errors) = (try folder.file("out"), try folder.file("err"))
        let process = try Self.start(name, arguments, environment: environment, output: output, errors: errors)
        let deadline = ContinuousClock.now + limit
        while process.isRunning {
            if ContinuousClock.now > deadline { kill(process.processIdentifier, SIGKILL) }
            try await Task.sleep(for: .milliseconds(10))
        }
        return CommandRun(
            status: process.terminationStatus, output: try folder.text("out"), errors: try folder.text("err"))
    }
}

extension Process {
    /// Waits for the end, at most `limit`.
    func ended(within limit: Duration = .seconds(120)) async throws {
        let deadline = ContinuousClock.now + limit
        while self.isRunning, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        try #require(!self.isRunning, "it did not end")
    }
}

/// Whether a process of that id goes away, at most within `limit`.
func isGone(_ processID: pid_t, within limit: Duration = .seconds(60)) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while kill(processID, 0) == 0 {
        guard ContinuousClock.now < deadline else { return false }
        try await Task.sleep(for: .milliseconds(20))
    }
    return true
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// One run of a command that was built beside the tests, with a limit on its time.
struct CommandRun {
    var status: Int32
    var output: String
    var errors: String

    /// Where the commands are.
    static let folder = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()

    static func start(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], output: FileHandle,
        errors: FileHandle
    ) throws -> Process {
        let process = Process()
        process.executableURL = Self.folder.appendingPathComponent(name)
        process.arguments = arguments
        var variables = ProcessInfo.processInfo.environment.filter {
            !$0.key.hasPrefix("PG") && !$0.key.hasPrefix("DATABRICKS") && !$0.key.hasPrefix("LAKEBASE")
        }
        variables["DATABRICKS_CONFIG_FILE"] = "/nonexistent/databrickscfg"
        process.environment = variables.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        return process
    }

    /// Runs a command to its end; after `limit` it is killed, and its status is that of the kill.
    @concurrent
    static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], limit: Duration = .seconds(60)
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

/// A folder that goes away with its owner.
final class Scratch: Sendable {
    let path: String

    init() throws {
        self.path = NSTemporaryDirectory() + "lakebase-cli-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func file(_ name: String) throws -> FileHandle {
        let path = "\(self.path)/\(name)"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(self.path)/\(name)")), as: UTF8.self)
    }

    /// The text once it holds `mark`; fails after `limit`.
    func text(_ name: String, containing mark: String, within limit: Duration = .seconds(30)) async throws -> String {
        let deadline = ContinuousClock.now + limit
        while true {
            let text = try self.text(name)
            if text.contains(mark) { return text }
            guard ContinuousClock.now < deadline else { throw NeverSaid(mark: mark, text: text) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    struct NeverSaid: Error {
        var mark: String
        var text: String
    }
}

extension CommandRun {
    /// What a page answers.
    static func fetch(_ address: String) async throws -> String {
        guard let url = URL(string: address) else { throw URLError(.badURL) }
        return String(decoding: try await URLSession.shared.data(from: url).0, as: UTF8.self)
    }
}

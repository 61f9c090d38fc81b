//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LakebaseDeploy
import Logging
import Testing

/// A folder with a space and a quote in its name, which goes away with its owner.
final class PackagingScratch: Sendable {
    let path: String

    init() throws {
        self.path = "\(NSTemporaryDirectory())lakebase it's a test \(UUID().uuidString)"
        for name in ["tmp"] {
            try FileManager.default.createDirectory(
                atPath: "\(self.path)/\(name)", withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    /// Where start scripts of the test unpack.
    var temporary: String { "\(self.path)/tmp" }

    func write(_ text: String, to name: String) throws {
        let path = "\(self.path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    /// What is in a folder of it, without what is below.
    func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(self.path)/\(folder)").sorted()
    }

    /// Stages a program of this machine.
    @concurrent
    func stage(_ program: String, into name: String = "app", partSize: Int = 700_000) async throws -> StagedApp {
        var options = SwiftPackager.Options()
        options.partSize = partSize
        return try await SwiftPackager(options: options, logger: .quiet).stage(
            executable: program, into: "\(self.path)/\(name)")
    }
}

extension Logger {
    /// One that says nothing.
    static var quiet: Logger { Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }) }
}

/// A start script that runs, in an environment with nothing but `PATH` and `TMPDIR`.
struct ScriptRun {
    let process: Process
    private let output: String
    private let errors: String

    init(_ staged: StagedApp, _ arguments: [String] = [], in scratch: PackagingScratch, temporary: String? = nil) throws
    {
        let run = "\(scratch.path)/run-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
        (self.output, self.errors) = ("\(run)/out", "\(run)/err")
        for file in [self.output, self.errors] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = Array(staged.command.dropFirst()) + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: staged.folder)
        process.environment = ["PATH": "/usr/bin:/bin", "TMPDIR": temporary ?? scratch.temporary]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: self.output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: self.errors))
        try process.run()
        self.process = process
    }

    struct Ended {
        var status: Int32
        var bySignal: Bool
        var output: String
        var errors: String
    }

    /// Waits for the end; after `limit` it is killed, and the end says so.
    @concurrent
    func end(within limit: Duration = .seconds(60)) async throws -> Ended {
        let deadline = ContinuousClock.now + limit
        while self.process.isRunning {
            if ContinuousClock.now > deadline { kill(self.process.processIdentifier, SIGKILL) }
            try await Task.sleep(for: .milliseconds(10))
        }
        return Ended(
            status: self.process.terminationStatus, bySignal: self.process.terminationReason == .uncaughtSignal,
            output: try String(contentsOfFile: self.output, encoding: .utf8),
            errors: try String(contentsOfFile: self.errors, encoding: .utf8))
    }

    /// Waits until the program itself runs, in the place of the script.
    func started(within limit: Duration = .seconds(60)) async throws {
        let deadline = ContinuousClock.now + limit
        let link = "/proc/\(self.process.processIdentifier)/exe"
        while try !FileManager.default.destinationOfSymbolicLink(atPath: link).contains("/bin/ld-linux") {
            try #require(self.process.isRunning && ContinuousClock.now < deadline, "the program did not start")
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

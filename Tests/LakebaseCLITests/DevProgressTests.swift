//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import TestSupport
import Testing

@testable import LakebaseCLI
@testable import LakebaseLocal
@testable import LocalPostgres

@Suite("what lakebase dev says about a slow start", .serialized)
struct DevProgressTests {
    @Test("a slow initdb is told on standard error, and standard output has the line of JSON alone")
    func slowCluster() async throws {
        let slow = try await SlowPostgres()
        try await DevRun.with(["--postgres", slow.folder], environment: slow.environment) { run in
            let (said, told) = (try run.scratch.text("out"), try run.scratch.text("err"))
            #expect(told.contains("creating a PostgreSQL cluster"), "\(told)")
            #expect(!told.contains("\u{1B}"))
            #expect(said.split(separator: "\n").count == 1)
        }
    }

    @Test("Ctrl-C before the command runs ends it, and the command is not run")
    func interruptBeforeCommand() async throws {
        // Longer than any limit here: the end does not wait for it.
        let slow = try await SlowPostgres(pause: 3600)
        let terminal = try PseudoTerminal(
            CommandRun.folder.path + "/lakebase", ["dev", "--postgres", slow.folder, "--", "sh", "-c", "echo at work"],
            environment: slow.environment)
        _ = try await terminal.text(containing: "creating a PostgreSQL cluster")
        try terminal.type([3])
        let status = try await terminal.status(within: .seconds(120))
        #expect(status == 130, "\(terminal.text())")
        #expect(!terminal.text().contains("at work"), "\(terminal.text())")
    }

    @Test(
        "without a terminal, a signal before the command runs is a status too, and the command is not run",
        arguments: [SIGINT, SIGTERM, SIGHUP])
    func signalBeforeCommand(signal: Int32) async throws {
        let slow = try await SlowPostgres(pause: 3600)
        let scratch = try Scratch()
        let process = try CommandRun.start(
            "lakebase", ["dev", "--postgres", slow.folder, "--", "sh", "-c", "echo at work"],
            environment: slow.environment, output: try scratch.file("out"), errors: try scratch.file("err"))
        _ = try await scratch.text("err", containing: "creating a PostgreSQL cluster")
        kill(process.processIdentifier, signal)
        try await process.ended()
        let (said, told) = (try scratch.text("out"), try scratch.text("err"))
        #expect(process.terminationReason == .exit && process.terminationStatus == 128 + signal, "\(told)")
        #expect(said.isEmpty, "\(said)")
    }

    @Test("SIGTERM while the cluster is made ends it with status 0, and what was begun is made anew by the next start")
    func endWhileTheClusterIsMade() async throws {
        let slow = try await SlowPostgres(pause: 3600)
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        let process = try CommandRun.start(
            "lakebase", ["dev", "--postgres", slow.folder, "--data", data], environment: slow.environment,
            output: try scratch.file("out"), errors: try scratch.file("err"))
        _ = try await scratch.text("err", containing: "creating a PostgreSQL cluster")
        kill(process.processIdentifier, SIGTERM)
        try await process.ended()
        let told = try scratch.text("err")
        #expect(process.terminationReason == .exit && process.terminationStatus == 0, "\(told)")
        let next = try await CommandRun.run("lakebase", ["dev", "--data", data, "--", "true"])
        #expect(next.status == 0, "\(next.errors)")
    }

    @Test("a terminal shows it, and the line goes away")
    func slowOnTerminal() async throws {
        let slow = try await SlowPostgres()
        let terminal = try PseudoTerminal(
            CommandRun.folder.path + "/lakebase", ["dev", "--postgres", slow.folder], environment: slow.environment)
        let text = try await terminal.text(containing: "Ctrl-C stops it.")
        #expect(text.contains("\r\u{1B}[Klakebase: creating a PostgreSQL cluster"), "\(text)")
        let last = try #require(text.components(separatedBy: "\r\u{1B}[K").last)
        #expect(last.hasPrefix("Lakebase runs on this machine"), "\(text)")
        try terminal.type([3])
        let status = try await terminal.status()
        #expect(status == 0, "\(terminal.text())")
    }
}

/// The installed PostgreSQL behind an `initdb` that takes some seconds longer.
private struct SlowPostgres {
    let scratch: Scratch
    let folder: String

    /// Nothing of it stays in the user's cache.
    var environment: [String: String] { ["LAKEBASE_CACHE_DIR": self.scratch.path + "/cache"] }

    init(pause: Int = 3) async throws {
        self.scratch = try Scratch()
        self.folder = self.scratch.path + "/bin"
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        let real = try await InstalledServers.find().newest.binFolder
        for name in ["postgres", "initdb", "pg_config"] {
            let script = "#!/bin/sh\n\(name == "initdb" ? "sleep \(pause)\n" : "")exec \(real)/\(name) \"$@\"\n"
            let path = self.folder + "/" + name
            try ProgramFile.write(script, to: path)
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("lakebase dev and signals", .serialized)
struct DevSignalTests {
    @Test("a signal stops everything and leaves nothing", arguments: [SIGINT, SIGTERM, SIGHUP])
    func cleanStop(signal: Int32) async throws {
        try await DevRun.with { run in
            let connection = try await run.connect()
            let (folder, sockets) = (try run.folder, try run.runtimeFolder)
            let postgres = try DevRun.postgres(in: folder)
            #expect(FileManager.default.fileExists(atPath: sockets))
            kill(run.processID, signal)
            try await run.process.ended()
            let complaints = try run.scratch.text("err")
            #expect(run.process.terminationReason == .exit && run.process.terminationStatus == 0, "\(complaints)")
            #expect(kill(postgres, 0) != 0, "postgres \(postgres) still runs")
            #expect(!FileManager.default.fileExists(atPath: folder))
            #expect(!FileManager.default.fileExists(atPath: sockets))
            await connection.close()
        }
    }

    @Test("signals that come while it stops change nothing")
    func moreSignals() async throws {
        try await DevRun.with { run in
            let connection = try await run.connect()
            let folder = try run.folder
            let postgres = try DevRun.postgres(in: folder)
            kill(run.processID, SIGTERM)
            while run.process.isRunning {
                for signal in [SIGINT, SIGTERM, SIGHUP] { kill(run.processID, signal) }
                try await Task.sleep(for: .milliseconds(2))
            }
            let complaints = try run.scratch.text("err")
            #expect(run.process.terminationReason == .exit && run.process.terminationStatus == 0, "\(complaints)")
            #expect(kill(postgres, 0) != 0, "postgres \(postgres) still runs")
            #expect(!FileManager.default.fileExists(atPath: folder))
            await connection.close()
        }
    }

    @Test("a signal during the start is a clean stop, too", arguments: [50, 150, 300])
    func earlySignal(milliseconds: Int) async throws {
        let scratch = try Scratch()
        let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
        let temporary = scratch.path + "/tmp"
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        let process = try CommandRun.start(
            "lakebase", ["dev", "--log-level", "trace"], environment: ["TMPDIR": temporary], output: output,
            errors: errors)
        // The lock is taken after the signals are watched.
        let deadline = ContinuousClock.now + .seconds(60)
        while try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        try await Task.sleep(for: .milliseconds(milliseconds))
        kill(process.processIdentifier, SIGTERM)
        try await process.ended()
        let complaints = try scratch.text("err")
        #expect(process.terminationReason == .exit && process.terminationStatus == 0, "\(complaints)")
        let left = try FileManager.default.contentsOfDirectory(atPath: temporary)
        #expect(left.isEmpty, "\(left)")
    }

    @Test("Ctrl-C in a terminal stops it with status 0")
    func interruptOnTerminal() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        let file = scratch.path + "/env"
        let terminal = try PseudoTerminal(
            CommandRun.folder.path + "/lakebase", ["dev", "--data", data, "--env-file", file])
        let text = try await terminal.text(containing: "Ctrl-C stops it.")
        #expect(text.contains("set -a; . \(file); set +a"), "\(text)")
        let environment = try EnvironmentLines.parse(scratch.text("env"))
        let connection = try await DevRun.connect(environment)
        let postgres = try DevRun.postgres(in: data)
        try terminal.type([3])
        let status = try await terminal.status()
        #expect(status == 0, "\(terminal.text())")
        #expect(kill(postgres, 0) != 0, "postgres \(postgres) still runs")
        await connection.close()
    }

    @Test("the end of the terminal is a clean stop")
    func hangUp() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        var terminal: PseudoTerminal? = try PseudoTerminal(
            CommandRun.folder.path + "/lakebase", ["dev", "--data", data, "--env-file", scratch.path + "/env"])
        _ = try await terminal?.text(containing: "Ctrl-C stops it.")
        let connection = try await DevRun.connect(try EnvironmentLines.parse(scratch.text("env")))
        let postgres = try DevRun.postgres(in: data)
        let processID = try #require(terminal?.processID)
        // Closes the keyboard's side, at which the system hangs up.
        terminal = nil
        var status: Int32 = -1
        let deadline = ContinuousClock.now + .seconds(60)
        while waitpid(processID, &status, WNOHANG) == 0 {
            if ContinuousClock.now > deadline { kill(processID, SIGKILL) }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(status == 0)
        #expect(kill(postgres, 0) != 0, "postgres \(postgres) still runs")
        await connection.close()
    }

    @Test("with a command on a terminal, Ctrl-C is the command's, and its status is returned")
    func interruptOfCommand() async throws {
        let terminal = try PseudoTerminal(
            CommandRun.folder.path + "/lakebase",
            ["dev", "--", "sh", "-c", "trap 'echo interrupted; exit 5' INT; echo at work; while :; do sleep 0.1; done"])
        _ = try await terminal.text(containing: "at work")
        try terminal.type([3])
        let status = try await terminal.status()
        #expect(status == 5, "\(terminal.text())")
        #expect(terminal.text().contains("interrupted"))
    }

    @Test("Ctrl-C does not end it before a command that goes on")
    func interruptThatIsIgnored() async throws {
        let terminal = try PseudoTerminal(
            CommandRun.folder.path + "/lakebase",
            ["dev", "--", "sh", "-c", "trap 'echo interrupted' INT; echo at work; read -r line; echo got $line"])
        _ = try await terminal.text(containing: "at work")
        // A shell that is just about to read runs its trap after the line, and at the next signal.
        let deadline = ContinuousClock.now + .seconds(60)
        repeat {
            try terminal.type([3])
        } while try await !terminal.shows("interrupted") && ContinuousClock.now < deadline
        try #require(terminal.text().contains("interrupted"), "\(terminal.text())")
        try terminal.type(Array("more\n".utf8))
        let status = try await terminal.status()
        #expect(status == 0, "\(terminal.text())")
    }
}

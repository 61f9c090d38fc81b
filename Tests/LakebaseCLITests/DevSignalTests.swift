//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@testable import LakebaseCLI

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

    // MARK: With a command

    /// Python code that says `at work`, counts what Ctrl-C sends it, and tells the number for each line that it reads.
    private static let counter = """
        import signal, sys
        seen = 0
        def interrupt(number, frame):
            global seen
            seen += 1
            print('interrupted', flush=True)
        signal.signal(signal.SIGINT, interrupt)
        print('at', 'work', flush=True)
        for line in sys.stdin:
            if line.strip() == 'end': sys.exit(7)
            print('interrupts:', seen, flush=True)
        """

    /// What is typed into a shell to run the counter.
    private static let run = "\"$LAKEBASE\" dev -- python3 -c \"$COUNTER\""

    /// A shell with job control.
    private static func shell() throws -> PseudoTerminal {
        try PseudoTerminal(
            "/bin/bash", ["--norc", "--noprofile", "-i"],
            environment: ["LAKEBASE": CommandRun.folder.path + "/lakebase", "COUNTER": self.counter])
    }

    /// Brings the stopped or background counter to the foreground, until it answers to a line.
    ///
    /// A key that is typed while the shell is still about to give the terminal away does not reach the command.
    private static func foreground(_ shell: PseudoTerminal) async throws {
        func answers() -> Int { shell.text().components(separatedBy: "interrupts: ").count }
        let before = answers()
        let deadline = ContinuousClock.now + .seconds(120)
        while answers() == before, ContinuousClock.now < deadline {
            // A command for the shell, or a line like any other for the counter.
            try shell.type(Array("fg\n".utf8))
            for _ in 0..<50 where answers() == before { try await Task.sleep(for: .milliseconds(20)) }
        }
        try #require(answers() > before, "\(shell.text())")
    }

    @Test("the command gets each Ctrl-C once, and is suspended and continued with Ctrl-Z and fg")
    func suspension() async throws {
        let shell = try Self.shell()
        try shell.type(Array("\(Self.run)\n".utf8))
        _ = try await shell.text(containing: "at work")
        try shell.type([3])
        _ = try await shell.text(containing: "interrupted")
        try shell.type(Array("\n".utf8))
        _ = try await shell.text(containing: "interrupts: 1")
        try shell.type([26])
        _ = try await shell.text(containing: "Stopped")
        try await Self.foreground(shell)
        try shell.type([3])
        // A line that is typed before the signal has arrived is thrown away with it.
        for _ in 0..<3000 where shell.text().components(separatedBy: "interrupted").count < 3 {
            try await Task.sleep(for: .milliseconds(20))
        }
        try shell.type(Array("\n".utf8))
        _ = try await shell.text(containing: "interrupts: 2")
        try shell.type(Array("end\n".utf8))
        try shell.type(Array("echo status $?-; exit\n".utf8))
        _ = try await shell.text(containing: "status 7-")
        _ = try await shell.status()
    }

    @Test("Ctrl-C is also the command's when both were started in the background and came to the foreground later")
    func foregroundLater() async throws {
        let shell = try Self.shell()
        try shell.type(Array("\(Self.run) &\n".utf8))
        _ = try await shell.text(containing: "at work")
        try await Self.foreground(shell)
        try shell.type([3])
        _ = try await shell.text(containing: "interrupted")
        try shell.type(Array("\n".utf8))
        _ = try await shell.text(containing: "interrupts: 1")
        try shell.type(Array("end\n".utf8))
        try shell.type(Array("echo status $?-; exit\n".utf8))
        _ = try await shell.text(containing: "status 7-")
        _ = try await shell.status()
    }

    @Test("Ctrl-C after the command has ended changes nothing, and the command's status is returned")
    func interruptAfterCommand() async throws {
        let terminal = try PseudoTerminal(
            CommandRun.folder.path + "/lakebase", ["dev", "--", "sh", "-c", "trap '' INT; echo at an end; exit 7"])
        _ = try await terminal.text(containing: "at an end")
        let deadline = ContinuousClock.now + .seconds(120)
        var status: Int32 = 0
        while waitpid(terminal.processID, &status, WNOHANG) == 0, ContinuousClock.now < deadline {
            // The terminal of a program that has ended takes no keys.
            try? terminal.type([3])
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(status == 7 << 8, "\(terminal.text())")
    }

    @Test("the end of the terminal ends the command, whose status is returned")
    func hangUpWithCommand() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        let script = "trap 'exit 3' HUP TERM; echo at work > '\(scratch.path)/begun'; while :; do sleep 0.1; done"
        _ = try scratch.path(of: "begun", text: "")
        var terminal: PseudoTerminal? = try PseudoTerminal(
            CommandRun.folder.path + "/lakebase", ["dev", "--data", data, "--", "sh", "-c", script])
        _ = try await scratch.text("begun", containing: "at work")
        let processID = try #require(terminal?.processID)
        terminal = nil
        var status: Int32 = -1
        let deadline = ContinuousClock.now + .seconds(120)
        while waitpid(processID, &status, WNOHANG) == 0 {
            if ContinuousClock.now > deadline { kill(processID, SIGKILL) }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(status == 3 << 8)
    }

    @Test("under nohup the end of the terminal ends neither it nor the command")
    func nohup() async throws {
        let run = try await CommandRun.run(
            "/usr/bin/env",
            [
                "nohup", CommandRun.folder.path + "/lakebase", "dev", "--", "sh", "-c",
                "kill -HUP $PPID; kill -HUP $$; kill -0 $PPID && echo at work; exit 7",
            ])
        #expect(run.status == 7 && run.output.contains("at work"), "\(run.output)\(run.errors)")
        #if os(Linux)
        let ignored = try await CommandRun.run(
            "/usr/bin/env",
            [
                "nohup", CommandRun.folder.path + "/lakebase", "dev", "--", "sh", "-c",
                "grep -h SigIgn /proc/$PPID/status /proc/$$/status",
            ])
        let masks = ignored.output.split(separator: "\n").compactMap {
            $0.split(separator: "\t").last.flatMap { Int($0, radix: 16) }
        }
        #expect(masks.count == 2 && masks.allSatisfy { $0 & 1 == 1 }, "\(ignored.output)\(ignored.errors)")
        #endif
    }

    // MARK: The states

    @Test("before the command a signal ends all, then it is the command's, and after it nobody's")
    func phases() {
        let signals = [SIGINT, SIGTERM, SIGHUP].map { Interruption(number: $0) }
        for first in signals {
            var phase = ForegroundPhase<String>()
            guard case .end = phase.arrived(first, reachesCommand: { true }) else { Issue.record(); continue }
            #expect(!phase.allowsStart && phase.exitStatus == first.exitStatus)
            for second in signals {
                guard case .leave = phase.arrived(second, reachesCommand: { false }) else { Issue.record(); continue }
                #expect(phase.exitStatus == first.exitStatus)
            }
        }
        var phase = ForegroundPhase<String>()
        #expect(phase.exitStatus == 0 && phase.allowsStart)
        phase.started("command")
        #expect(phase.exitStatus == 0 && !phase.allowsStart)
        for signal in signals {
            for isOnTerminal in [false, true] {
                switch phase.arrived(signal, reachesCommand: { isOnTerminal }) {
                case .end: Issue.record()
                case .pass(let command): #expect(command == "command" && !(isOnTerminal && signal.number == SIGINT))
                case .leave: #expect(isOnTerminal && signal.number == SIGINT)
                }
            }
        }
        phase.ended(9)
        for signal in signals {
            guard case .leave = phase.arrived(signal, reachesCommand: { false }) else { Issue.record(); continue }
            #expect(phase.exitStatus == 9)
        }
    }
}

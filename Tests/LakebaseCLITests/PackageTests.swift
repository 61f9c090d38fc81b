//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import LakebaseDeploy
import Testing

@Suite("lakebase deploy package as a process", .serialized)
struct PackageTests {
    @Test("What cannot be packaged is refused, with what to do")
    func refusals() async throws {
        let scratch = try Scratch()
        func package(_ arguments: String...) async throws -> CommandRun {
            try await CommandRun.run("lakebase", ["deploy", "package"] + arguments)
        }
        let nothing = try await package("--output", "\(scratch.path)/app")
        #expect(nothing.status == 64 && nothing.errors.contains("with --product or with --executable"))
        let both = try await package("--output", "\(scratch.path)/app", "--product", "a", "--executable", "b")
        #expect(both.status == 64)
        let missing = try await package("--output", "\(scratch.path)/app", "--executable", "\(scratch.path)/none")
        #expect(missing.status == 1 && missing.errors.contains("\(scratch.path)/none cannot be read"), "\(missing)")
        let script = try scratch.path(of: "script", text: "#!/bin/sh\n")
        let noELF = try await package("--output", "\(scratch.path)/app", "--executable", script)
        #expect(noELF.status == 1 && noELF.errors.contains("it is no ELF file"), "\(noELF)")
        let foreign = try await package("--output", scratch.path, "--executable", "/usr/bin/true")
        #expect(foreign.status == 1 && foreign.errors.contains("has script, which an earlier run did not write"))
        #expect(!FileManager.default.fileExists(atPath: "\(scratch.path)/app"))
        let help = try await package("--help")
        #expect(help.status == 0 && help.output.contains("EXAMPLES") && help.output.contains("Exit status"))
    }

    @Test("a signal ends it, and nothing half made stays behind", arguments: [SIGTERM, SIGHUP])
    func stopped(signal: Int32) async throws {
        let scratch = try Scratch()
        let program = CommandRun.folder.appendingPathComponent("notes").path
        let process = try CommandRun.start(
            "lakebase", ["deploy", "package", "--executable", program, "--output", "\(scratch.path)/app"],
            output: try scratch.file("out"), errors: try scratch.file("err"))
        let deadline = ContinuousClock.now + .seconds(60)
        func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted() }
        while try names() == ["err", "out"], process.isRunning, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(10))
        }
        kill(process.processIdentifier, signal)
        try await process.ended()
        #expect(process.terminationReason == .exit && process.terminationStatus == 128 + signal)
        #expect(try names() == ["err", "out"])
    }

    /// The app that these tests are built with, in debug: it needs all of Swift's libraries.
    @Test("The Notes app runs from the folder in a bare environment, on lakebase dev")
    func notes() async throws {
        let program = CommandRun.folder.appendingPathComponent("notes").path
        let staged = try await Self.stageAndStart(["--executable", program])
        #expect(staged.report.libraries.contains { $0.name == "libswiftCore.so" })
    }

    /// As it is deployed, when asked for, since a build in release takes minutes:
    /// `swift build -c release --product notes --static-swift-stdlib` makes the program.
    @Test(
        "The Notes app, built in release, runs from the folder in a bare environment, on lakebase dev",
        .enabled(if: Self.releaseProgram != nil, "set LAKEBASE_PACKAGE_RELEASE to the program"))
    func release() async throws {
        let staged = try await Self.stageAndStart(["--executable", try #require(Self.releaseProgram)])
        // Swift's libraries are inside it.
        #expect(
            !staged.report.libraries.contains { $0.name.hasPrefix("libswift") || $0.name.hasPrefix("libFoundation") })
    }

    private static let releaseProgram = ProcessInfo.processInfo.environment["LAKEBASE_PACKAGE_RELEASE"]

    /// The app starts from the folder alone, in an environment with what the platform gives, and shows notes from a database
    /// that it logs in to over TLS.
    private static func stageAndStart(_ arguments: [String]) async throws -> StagedApp {
        let scratch = try Scratch()
        let run = try await CommandRun.run(
            "lakebase", ["deploy", "package", "--output", "\(scratch.path)/an app", "--json"] + arguments,
            limit: .seconds(300))
        #expect(run.status == 0, "\(run.errors)")
        let staged = try JSONDecoder().decode(StagedApp.self, from: Data(run.output.utf8))
        #expect(staged.command == ["sh", "start.sh"])
        #expect(staged.report.resources == ["lakebase-swift_Notes.resources"])
        #expect(staged.report.libraries.contains { $0.name == "libpq.so.5" })
        for file in staged.files { #expect(file.size <= 7_000_000, "\(file.path)") }

        try await DevRun.with(["--as", "app"]) { dev in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["start.sh", "--port", "0"]
            process.currentDirectoryURL = URL(fileURLWithPath: staged.folder)
            process.environment = dev.environment.merging(["PATH": "/usr/bin:/bin", "TMPDIR": scratch.path]) { $1 }
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try scratch.file("out")
            process.standardError = try scratch.file("err")
            try process.run()
            do {
                let said = try await scratch.text("out", containing: "Notes: http://", within: .seconds(120))
                let line = try #require(said.split(separator: "\n").first { $0.hasPrefix("Notes: ") })
                let notes = NotesRun(process: process, scratch: scratch, address: String(line.dropFirst(7)))
                let page = try await notes.browser("GET", "/")
                #expect(page.status == 200 && page.text.contains("name=\"csrf\""), "\(page)")
                let loader = try FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/\(process.processIdentifier)/exe")
                #expect(loader.hasPrefix(scratch.path) && loader.hasSuffix("/bin/ld-linux-x86-64.so.2"))
            } catch {
                process.terminate()
                try await process.ended()
                throw error
            }
            process.terminate()
            try await process.ended()
            #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        }
        return staged
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@testable import LakebaseDeploy

/// The start script with programs of this machine, in an environment of `PATH` and `TMPDIR`, in a folder whose name has a
/// space and a quote.
@Suite(.serialized) struct StartScriptTests {
    @Test func startsTheProgramWithItsArguments() async throws {
        let scratch = try PackagingScratch()
        let staged = try await scratch.stage("/usr/bin/printf")
        let before = try FileDigest.files(in: staged.folder)
        // Stops everybody but root, for whom the comparison below is the test.
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: staged.folder)
        let ended = try await ScriptRun(staged, ["%s|", "a b", "$HOME", "c'd", ""], in: scratch).end()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: staged.folder)
        #expect(ended.output == "a b|$HOME|c'd||", "\(ended)")
        #expect(ended.status == 0 && ended.errors.isEmpty, "\(ended)")
        // It writes nothing beside itself, and leaves one folder that only its owner can read.
        #expect(try FileDigest.files(in: staged.folder) == before)
        let name = try #require(scratch.names(in: "tmp").first)
        #expect(try scratch.names(in: "tmp") == [name] && name.hasPrefix("lakebase-printf-"))
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(scratch.temporary)/\(name)")
        #expect(attributes[.posixPermissions] as? Int == 0o700)
    }

    /// A quote with a combining mark behind it is one Character, and two for the shell.
    @Test func quotesByBytes() throws {
        for text in ["a b", "'", "'\u{301}; echo out; '", "'\r\n'"] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "printf %s \(StartScript.quoted(text))"]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            #expect([UInt8](bytes) == Array(text.utf8))
        }
        #expect(FolderPath.normalized("/s/a/\u{301}b/../../x") == "/s/x")
        #expect(FolderPath.isInside("/s/\u{301}x", "/s"))
    }

    /// The libraries are those beside the program, not those of this machine.
    @Test func usesTheLibrariesBesideTheProgram() async throws {
        let scratch = try PackagingScratch()
        let staged = try await scratch.stage("/usr/bin/cat")
        let ended = try await ScriptRun(staged, ["/proc/self/maps"], in: scratch).end()
        let libraries = ended.output.split(separator: "\n").compactMap { line in
            line.firstIndex(of: "/").map { String(line[$0...]) }
        }.filter { $0.contains(".so") }
        #expect(libraries.contains { $0.hasSuffix("/lib/libc.so.6") })
        for library in libraries { #expect(library.hasPrefix(scratch.temporary), "\(library)") }
    }

    /// The program takes the script's place: the same process, so a signal reaches it.
    @Test func letsSignalsThrough() async throws {
        let scratch = try PackagingScratch()
        let staged = try await scratch.stage("/usr/bin/sleep")
        let run = try ScriptRun(staged, ["60"], in: scratch)
        try await run.started()
        run.process.terminate()
        let ended = try await run.end()
        #expect(ended.bySignal && ended.status == SIGTERM, "\(ended)")
    }

    @Test func passesTheProgramsStatusOn() async throws {
        let scratch = try PackagingScratch()
        let staged = try await scratch.stage("/usr/bin/false")
        #expect(try await ScriptRun(staged, in: scratch).end().status == 1)
    }

    @Test func namesAMissingPart() async throws {
        let scratch = try PackagingScratch()
        let staged = try await scratch.stage("/usr/bin/true")
        let part = try #require(staged.files.map(\.path).filter { $0.hasPrefix("runtime.tar.gz.") }.last)
        #expect(part != "runtime.tar.gz.000", "the test wants several parts")
        try FileManager.default.removeItem(atPath: "\(staged.folder)/\(part)")
        let ended = try await ScriptRun(staged, in: scratch).end()
        #expect(ended.status == 1 && ended.errors.contains("the part \(part) is missing"), "\(ended)")
        #expect(try scratch.names(in: "tmp").isEmpty)
    }

    @Test func namesADamagedPart() async throws {
        let scratch = try PackagingScratch()
        let staged = try await scratch.stage("/usr/bin/true")
        let path = "\(staged.folder)/runtime.tar.gz.001"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let ended = try await ScriptRun(staged, in: scratch).end()
        #expect(ended.status == 1 && ended.errors.contains("runtime.tar.gz.001: FAILED"), "\(ended)")
        #expect(try scratch.names(in: "tmp").isEmpty)
    }

    /// Several starts at once, on nothing: all run, and one folder is left.
    @Test func startsTwiceAtOnce() async throws {
        let scratch = try PackagingScratch()
        let staged = try await scratch.stage("/usr/bin/printf")
        let runs = try (0..<4).map { try ScriptRun(staged, ["%s", "\($0)"], in: scratch) }
        for (number, run) in runs.enumerated() {
            let ended = try await run.end()
            #expect(ended.status == 0 && ended.output == "\(number)", "\(ended)")
        }
        #expect(try scratch.names(in: "tmp").count == 1)
    }

    /// Once put together it starts without its parts; what was damaged since is put together again.
    @Test func startsAgain() async throws {
        let scratch = try PackagingScratch()
        let staged = try await scratch.stage("/usr/bin/true")
        #expect(try await ScriptRun(staged, in: scratch).end().status == 0)
        let name = try #require(scratch.names(in: "tmp").first)
        let parts = staged.files.filter { $0.path.contains(".tar.gz.") }
        for part in parts {
            try FileManager.default.moveItem(
                atPath: "\(staged.folder)/\(part.path)", toPath: "\(scratch.path)/\(part.path)")
        }
        #expect(try await ScriptRun(staged, in: scratch).end().status == 0)

        let library = "\(scratch.temporary)/\(name)/lib/libc.so.6"
        try Data("damaged".utf8).write(to: URL(fileURLWithPath: library))
        let without = try await ScriptRun(staged, in: scratch).end()
        #expect(without.status == 1 && without.errors.contains("is missing"), "\(without)")
        for part in parts {
            try FileManager.default.moveItem(
                atPath: "\(scratch.path)/\(part.path)", toPath: "\(staged.folder)/\(part.path)")
        }
        let ended = try await ScriptRun(staged, in: scratch).end()
        #expect(ended.status == 0 && ended.errors.contains("is damaged or not ours"), "\(ended)")
    }

    /// The folder's name can be guessed: what somebody else put there is not used.
    @Test func usesNoFolderOfOthers() async throws {
        let scratch = try PackagingScratch()
        let staged = try await scratch.stage("/usr/bin/true")
        #expect(try await ScriptRun(staged, in: scratch).end().status == 0)
        let name = try #require(scratch.names(in: "tmp").first)
        try FileManager.default.moveItem(
            atPath: "\(scratch.temporary)/\(name)", toPath: "\(scratch.path)/elsewhere")
        try FileManager.default.createSymbolicLink(
            atPath: "\(scratch.temporary)/\(name)", withDestinationPath: "\(scratch.path)/elsewhere")
        let ended = try await ScriptRun(staged, in: scratch).end()
        #expect(ended.status == 0 && ended.errors.contains("is damaged or not ours"), "\(ended)")
    }

    /// Without a folder for temporary files it takes the next that can be written.
    @Test func findsAFolderToUnpackIn() async throws {
        let scratch = try PackagingScratch()
        let staged = try await scratch.stage("/usr/bin/cat")
        let ended = try await ScriptRun(
            staged, ["/proc/self/cmdline"], in: scratch, temporary: "\(scratch.path)/none"
        ).end()
        #expect(ended.status == 0, "\(ended)")
        let words = ended.output.split(separator: "\0").map(String.init)
        let folder = try #require(words.first).split(separator: "/bin/ld-linux")[0]
        #expect(folder.hasPrefix("/tmp/lakebase-cat-"), "\(words)")
        try FileManager.default.removeItem(atPath: String(folder))
    }

    /// A signal while it unpacks ends it, and leaves nothing behind.
    @Test func leavesNothingWhenStopped() async throws {
        let scratch = try PackagingScratch()
        let staged = try await scratch.stage("/usr/bin/sleep")
        let run = try ScriptRun(staged, ["60"], in: scratch)
        let deadline = ContinuousClock.now + .seconds(60)
        while try scratch.names(in: "tmp").isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(1))
        }
        run.process.terminate()
        let ended = try await run.end()
        // It may have been ready just then.
        #expect(ended.status == (ended.bySignal ? SIGTERM : 143), "\(ended)")
        let left = try scratch.names(in: "tmp")
        #expect(
            left.isEmpty || left.allSatisfy { $0.wholeMatch(of: /lakebase-sleep-[0-9a-f]{16}-\d+/) != nil }, "\(left)")
    }
}

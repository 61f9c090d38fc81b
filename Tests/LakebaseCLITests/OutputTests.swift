//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// What is asked for and cannot be written is an error, of every command.
@Suite("Standard output that cannot be written", .serialized)
struct OutputTests {
    /// Runs a command with a standard output that takes nothing.
    @concurrent
    private func onFullDisk(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> CommandRun {
        let scratch = try Scratch()
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let process = try CommandRun.start(
            "lakebase", arguments, environment: environment, output: full, errors: try scratch.file("err"))
        try await process.ended(within: .seconds(120))
        return CommandRun(status: process.terminationStatus, output: "", errors: try scratch.text("err"))
    }

    @Test(
        "the help of every command, and the version", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func help() async throws {
        let tree = try await CommandTree.load()
        for arguments in [["--version"], ["--generate-completion-script", "bash"]]
            + tree.commands.map({ $0.words + ["--help"] })
        {
            let run = try await self.onFullDisk(arguments)
            #expect(run.status == 1, "\(arguments): \(run.errors)")
            #expect(
                run.errors == "lakebase: standard output cannot be written: No space left on device\n",
                "\(arguments): \(run.errors)")
        }
        let shown = try await CommandRun.run("lakebase", ["branches", "list", "--help"])
        #expect(shown.status == 0 && shown.output.contains("USAGE: lakebase branches list") && shown.errors == "")
    }

    @Test("commands with results", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func results() async throws {
        try await DevRun.with { run in
            for arguments in [
                ["auth", "token"], ["auth", "token", "--json"], ["auth", "describe"], ["auth", "describe", "--json"],
                ["branches", "list"], ["branches", "list", "--json"], ["branches", "get", "production"],
                ["branches", "create", "b", "--no-expiry", "--json"], ["branches", "delete", "b", "--yes"],
                ["roles", "list"], ["roles", "list", "--json"], ["doctor"], ["doctor", "--json"], ["env"], ["token"],
                ["query", "-c", "SELECT 1"], ["grants", "orphans", "--json"], ["deploy", "schema"], ["dev", "status"],
            ] {
                let lost = try await self.onFullDisk(arguments, run.environment)
                #expect(lost.status != 0, "\(arguments): \(lost.errors)")
                #expect(
                    lost.errors.components(separatedBy: "standard output cannot be written").count == 2,
                    "\(arguments): \(lost.errors)")
                #expect(!lost.errors.contains("--env-file"), "\(arguments): \(lost.errors)")
            }
        }
    }

    @Test("a reader that goes away is no error")
    func closedPipe() async throws {
        let lakebase = CommandRun.folder.path + "/lakebase"
        for arguments in ["--help", "deploy --help", "auth describe"] {
            let run = try await CommandRun.run(
                "/bin/sh", ["-c", "exec 3>&1; { \"$0\" \(arguments); echo status $? >&3; } 2>&3 | true", lakebase],
                environment: ["DATABRICKS_HOST": "http://127.0.0.1:1", "DATABRICKS_TOKEN": "t"])
            #expect(!run.output.contains("cannot be written"), "\(run.output)")
            #expect(arguments == "auth describe" || run.output == "status 0\n", "\(arguments): \(run.output)")
        }
    }
}

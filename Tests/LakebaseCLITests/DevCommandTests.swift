//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@Suite("lakebase dev and the command after --", .serialized)
struct DevCommandTests {
    @Test("the command's status is passed on, and its death by a signal")
    func exitStatus() async throws {
        let seven = try await CommandRun.run("lakebase", ["dev", "--", "sh", "-c", "exit 7"])
        #expect(seven.status == 7, "\(seven.errors)")
        let killed = try await CommandRun.run("lakebase", ["dev", "--", "sh", "-c", "kill -9 $$"])
        #expect(killed.status == 137, "\(killed.errors)")
    }

    @Test("a program that is not there is 127, one that cannot be run 126, as in shells")
    func cannotStart() async throws {
        let scratch = try Scratch()
        try scratch.file("text").close()
        let cases: [(program: String, status: Int32)] = [
            ("no-such-command-anywhere", 127), (scratch.path + "/nothing", 127), (scratch.path + "/text", 126),
            (scratch.path, 126),
        ]
        for (program, status) in cases {
            let run = try await CommandRun.run("lakebase", ["dev", "--", program])
            #expect(run.status == status, "\(program): \(run.errors)")
            #expect(run.errors.contains("\"\(program)\" cannot be started"), "\(run.errors)")
        }
    }

    @Test("what contradicts is not in the command's environment, and the rest is")
    func environment() async throws {
        let gone = [
            "DATABRICKS_TOKEN": "outer", "DATABRICKS_CONFIG_PROFILE": "outer", "DATABRICKS_AUTH_TYPE": "pat",
            "PGPASSWORD": "outer", "PGSERVICE": "outer", "PGPASSFILE": "/outer", "PGHOSTADDR": "192.0.2.1",
            "PGCHANNELBINDING": "require", "LAKEBASE_INSTANCE": "outer", "LAKEBASE_TYPE": "provisioned",
            "ENDPOINT_NAME": "outer", "DATABASE_URL": "postgres://outer",
        ]
        let kept = [
            "DATABRICKS_APP_PORT": "8000", "LAKEBASE_SCHEMA": "mine", "PGOPTIONS": "-c jit=off", "PGTZ": "UTC",
            "MINE": "a=b c", "DATABRICKS_CONFIG_FILE": "/nonexistent/databrickscfg",
        ]
        let replaced = ["DATABRICKS_HOST": "https://outer.example", "PGHOST": "outer.example", "PGUSER": "outer"]
        let run = try await CommandRun.run(
            "lakebase", ["dev", "--as", "app", "--", "env"],
            environment: gone.merging(kept) { $1 }.merging(replaced) { $1 })
        #expect(run.status == 0, "\(run.errors)")
        let seen = EnvironmentLines.parse(run.output)
        for name in gone.keys { #expect(seen[name] == nil, "\(name)") }
        for (name, value) in kept { #expect(seen[name] == value, "\(name)") }
        for (name, value) in replaced { #expect(seen[name] != nil && seen[name] != value, "\(name)") }
        #expect(seen["DATABRICKS_CLIENT_SECRET"] != nil)
        #expect(!run.output.contains("outer"))
        // Each name once: which of two counts would be anybody's guess.
        let names = run.output.split(separator: "\n").compactMap { $0.split(separator: "=").first }
        #expect(names.count == Set(names).count)
    }

    @Test("the command gets the caller's descriptors and none of ours")
    func descriptors() async throws {
        let scratch = try Scratch()
        let run = try await CommandRun.run(
            "/bin/sh",
            [
                "-c", "exec 7<\"$2\"; ls /proc/self/fd; exec \"$1\" dev -- sh -c 'ls /proc/self/fd; cat <&7'", "sh",
                CommandRun.folder.path + "/lakebase", try scratch.path(of: "handed", text: "through\n"),
            ])
        #expect(run.status == 0, "\(run.errors)")
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(lines.last == "through")
        // The caller's own, which may have more from the caller's caller, then the command's.
        let caller = lines.prefix((lines.count - 1) / 2)
        #expect(lines == caller + caller + ["through"] && caller.contains("7"), "\(lines)")
    }

    #if os(Linux)
    @Test("the soft limit of open files is raised to the hard one, as far as 65536")
    func openFiles() async throws {
        // As low as macOS has it for what a terminal starts.
        let run = try await CommandRun.run(
            "/bin/sh",
            [
                "-c", "ulimit -Sn 256 && exec \"$1\" dev -- sh -c 'cat /proc/$PPID/limits'", "sh",
                CommandRun.folder.path + "/lakebase",
            ])
        #expect(run.status == 0, "\(run.errors)")
        let line = try #require(
            run.output.split(separator: "\n").first { $0.hasPrefix("Max open files") }, "\(run.output)")
        let limits = line.split(separator: " ").compactMap { Int($0) }
        try #require(limits.count == 2, "\(line)")
        // Not beyond: what inherits the limit may go through all numbers up to it.
        #expect(limits[0] == min(limits[1], 65_536), "\(line)")
    }
    #endif

    @Test("SIGTERM reaches the command, and its status is returned")
    func termination() async throws {
        let scratch = try Scratch()
        let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
        let process = try CommandRun.start(
            "lakebase",
            ["dev", "--", "sh", "-c", "trap 'exit 9' TERM; echo waiting; while :; do sleep 0.1; done"], output: output,
            errors: errors)
        _ = try await scratch.text("out", containing: "waiting")
        kill(process.processIdentifier, SIGTERM)
        try await process.ended()
        #expect(process.terminationStatus == 9)
    }
}

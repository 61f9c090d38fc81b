//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Secrets
import Testing

/// Uses the everyday commands, and looks for every secret in what they said, in the process list, and in what they left.
@Suite("secrets of the everyday commands", .serialized)
struct EverydayCanaryTests {
    private let canaries = Canaries()

    @Test("no token in an output that was not asked for one, an error, the process list, an environment or a file")
    func everything() async throws {
        let temporary = try Scratch()
        try await DevRun.with { run in
            let environment = run.environment.merging(["TMPDIR": temporary.path, "XDG_RUNTIME_DIR": ""]) { $1 }
            self.canaries.add("developer's token", try #require(environment["DATABRICKS_TOKEN"]))
            for arguments in [
                ["env"], ["env", "--format", "json"], ["env", "--format", "url"], ["token", "--field", "user"],
                ["token", "--field", "expiry"], ["query", "-c", "SELECT 1", "-c", "SELECT nonsense"],
                ["branches", "list"],
                ["branches", "create", "b", "--ttl", "1h"], ["branches", "delete", "b", "--yes"],
                ["psql", "-X", "-c", "\\set", "-c", "\\conninfo"], ["psql", "--user", "nobody", "-c", "SELECT 1"],
                ["query", "--user", "nobody", "-c", "SELECT 1"],
            ] {
                let run = try await CommandRun.run("lakebase", arguments, environment: environment)
                self.canaries.note(arguments.joined(separator: " "), run)
            }
            let token = try await CommandRun.run("lakebase", ["token"], environment: environment)
            self.canaries.add("database token", token.output.trimmingCharacters(in: .newlines))
            // All tokens for databases begin so, also those of runs whose token nobody has seen.
            self.canaries.add("the beginning of a database token", String(token.output.prefix(24)))
            self.canaries.note("token's errors", token.errors)
            try await self.whilePsqlRuns(environment, run)
            let left = try await self.canaries.findings(in: temporary.path, at: [:])
            let files = try FileManager.default.contentsOfDirectory(atPath: temporary.path)
            #expect(left.isEmpty && files.isEmpty, "\(left) \(files)")
        }
        #expect(self.canaries.findings.isEmpty, "\(self.canaries.findings)")
        #expect(self.canaries.count >= 4 && self.canaries.size > 2_000)
    }

    /// Reads what is known of `lakebase psql` and psql while they run, and of the file that has the token.
    private func whilePsqlRuns(_ environment: [String: String], _ run: DevRun) async throws {
        let scratch = try Scratch()
        let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
        let process = try CommandRun.start(
            "lakebase", ["psql", "-X", "-c", "SELECT pg_sleep(600)"], environment: environment, output: output,
            errors: errors)
        let session = try await run.connect()
        try await QueryTests.wait {
            try await session.query("SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'").count == 1
        }
        func read(_ id: pid_t, _ name: String) -> String {
            String(decoding: FileManager.default.contents(atPath: "/proc/\(id)/\(name)") ?? Data(), as: UTF8.self)
        }
        let psql = try #require(Self.children(of: process.processIdentifier).first)
        let settings = read(psql, "environ").split(separator: "\0").map(String.init)
        // The developer's own token is in the environment already, where the shell put it.
        self.canaries.note(
            "psql's environment", settings.filter { !$0.hasPrefix("DATABRICKS_TOKEN=") }.joined(separator: "\n"))
        for id in [process.processIdentifier, psql] { self.canaries.note("the process list", read(id, "cmdline")) }
        let passwords = try #require(settings.first { $0.hasPrefix("PGPASSFILE=") }).dropFirst("PGPASSFILE=".count)
        let text = try String(contentsOfFile: String(passwords), encoding: .utf8)
        self.canaries.add(
            "psql's token", String(try #require(text.split(separator: ":").last)).trimmingCharacters(in: .newlines))
        kill(process.processIdentifier, SIGTERM)
        try await process.ended()
        self.canaries.note("psql", try scratch.text("out") + scratch.text("err"))
        await session.close()
    }

    private static func children(of parent: pid_t) throws -> [pid_t] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter { id in
            let status = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
            return status.split(separator: "\n").contains("PPid:\t\(parent)")
        }
    }
}

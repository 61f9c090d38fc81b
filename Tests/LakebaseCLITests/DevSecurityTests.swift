//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// The scripts of Tests/Security against the command: some seconds each, or with LAKEBASE_SECURITY=full as long as it takes.
@Suite("Security of lakebase dev", .serialized)
struct DevSecurityTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Security").path
    private static let isFull = ProcessInfo.processInfo.environment["LAKEBASE_SECURITY"] == "full"
    private static var isRoot: Bool { geteuid() == 0 }
    private static let python = "/usr/bin/env"

    #if os(Linux)
    @Test("another user of the machine gets nothing but refusals", .enabled(if: Self.isRoot))
    func stranger() async throws {
        let run = try await CommandRun.run(
            "/usr/bin/env", ["bash", Self.folder + "/run-stranger", Self.isFull ? "300" : "5"],
            environment: ["LAKEBASE_COMMAND": CommandRun.folder.appendingPathComponent("lakebase").path],
            limit: .seconds(Self.isFull ? 1_200 : 300))
        #expect(run.status == 0, "\(run.output.prefix(4_000)) \(run.errors.prefix(2_000))")
        // Both: root's and an ordinary user's.
        #expect(run.output.matches(of: /"found": 0/).count == 2, "\(run.output.prefix(4_000))")
    }
    #endif

    @Test("a page of another origin in a browser, or at a name that leads here, gets nothing")
    func browser() async throws {
        try await DevRun.with { run in
            let host = try #require(run.environment["DATABRICKS_HOST"])
            let pages = try await CommandRun.run(
                Self.python, ["python3", Self.folder + "/browser.py", "--host", host], limit: .seconds(400))
            #expect(pages.status == 0, "\(pages.output.prefix(4_000)) \(pages.errors.prefix(2_000))")
        }
    }

    @Test("no number, text or nesting ends the process, or takes a second")
    func fuzz() async throws {
        // One pool of the allocator for all threads: a new one, which a thread may get at any time, would pass for a leak.
        try await DevRun.with(environment: ["MALLOC_ARENA_MAX": "1"]) { run in
            let host = try #require(run.environment["DATABRICKS_HOST"])
            let count = Self.isFull ? "1000000" : "5000"
            let seed = String(UInt32.random(in: 0 ... .max))
            let fuzz = try await CommandRun.run(
                Self.python,
                [
                    "python3", Self.folder + "/fuzz.py", "--host", host, "--pid", String(run.processID), "--requests",
                    count,
                    "--seed", seed,
                ], environment: ["DATABRICKS_TOKEN": try #require(run.environment["DATABRICKS_TOKEN"])],
                limit: .seconds(Self.isFull ? 7_200 : 300))
            #expect(fuzz.status == 0, "seed \(seed): \(fuzz.output.prefix(4_000)) \(fuzz.errors.prefix(2_000))")
            #expect(run.process.isRunning)
        }
    }
}

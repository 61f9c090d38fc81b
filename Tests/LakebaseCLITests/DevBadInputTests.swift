//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("lakebase dev and bad input", .serialized)
struct DevBadInputTests {
    /// Runs it and expects a status, words, and no trap; one that hangs is killed, which is another status.
    private func refuses(
        _ arguments: [String], _ status: Int32, _ words: String..., environment: [String: String] = [:],
        location: SourceLocation = #_sourceLocation
    ) async throws {
        let run = try await CommandRun.run("lakebase", ["dev"] + arguments, environment: environment)
        #expect(run.status == status, "\(arguments): \(run.errors)", sourceLocation: location)
        for word in words {
            #expect(run.errors.contains(word), "\(arguments): \(run.errors)", sourceLocation: location)
        }
        #expect(!run.errors.contains("Fatal error"), "\(run.errors)", sourceLocation: location)
        #expect(run.output.isEmpty, "\(run.output)", sourceLocation: location)
    }

    @Test("no PostgreSQL")
    func noPostgres() async throws {
        let scratch = try Scratch()
        try await self.refuses(["--postgres", "/nonexistent"], 1, "/nonexistent", "script/setup")
        try await self.refuses(["--postgres", scratch.path], 1, scratch.path, "script/setup")
        try await self.refuses(["--postgres", ""], 1, "script/setup")
    }

    @Test("a data folder that cannot be one")
    func dataFolder() async throws {
        let scratch = try Scratch()
        let file = try scratch.path(of: "file", text: "")
        try await self.refuses(["--data", "/proc/nothing"], 1, "/proc/nothing", "--data")
        try await self.refuses(["--data", file], 1, "not a folder", "--data")
        try await self.refuses(["--data", scratch.path], 1, "not empty", "--data")
        try await self.refuses(["--data", ""], 64, "--data")
    }

    @Test("a data folder whose files are of a newer version, or damaged")
    func damagedFolder() async throws {
        for (text, words) in [
            ("{\"version\": 99}", "layout 99"), ("no JSON", "cannot be read"), ("", "cannot be read"),
            ("[]", "cannot be read"), ("\u{FFFD}\u{0}", "cannot be read"),
        ] {
            let scratch = try Scratch()
            _ = try scratch.path(of: "lakebase.json", text: text)
            try await self.refuses(["--data", scratch.path], 1, words, "lakebase.json", "folder")
        }
        // A whole one, of this version, changed.
        for (old, new, words) in [
            ("\"version\" : [0-9]+", "\"version\" : 99", "layout 99"), ("@example.com", "\" : \"", "cannot be read"),
        ] {
            let scratch = try Scratch()
            let data = scratch.path + "/data"
            let made = try await CommandRun.run("lakebase", ["dev", "--data", data, "--", "true"])
            #expect(made.status == 0, "\(made.errors)")
            let state = try String(contentsOfFile: data + "/lakebase.json", encoding: .utf8)
            let changed = state.replacingOccurrences(of: old, with: new, options: .regularExpression)
            try #require(changed != state, "\(state)")
            try Data(changed.utf8).write(to: URL(fileURLWithPath: data + "/lakebase.json"))
            try await self.refuses(["--data", data], 1, words)
        }
    }

    @Test("data of another PostgreSQL")
    func otherPostgres() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        let made = try await CommandRun.run("lakebase", ["dev", "--data", data, "--", "true"])
        #expect(made.status == 0, "\(made.errors)")
        try Data("99\n".utf8).write(to: URL(fileURLWithPath: data + "/branches/production/data/PG_VERSION"))
        try await self.refuses(["--data", data], 1, "PostgreSQL 99", "--data")
    }

    @Test("a data folder that another one works on is named, with its process")
    func heldFolder() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        try await DevRun.with(["--data", data]) { run in
            try await self.refuses(["--data", data], 1, "Process \(run.processID)", data, "kill \(run.processID)")
            // And it has not been harmed.
            let connection = try await run.connect()
            await connection.close()
        }
    }

    @Test("an address that is taken, is not this machine's, or is none")
    func listen() async throws {
        try await DevRun.with { run in
            let port = try #require(run.environment["DATABRICKS_HOST"]?.split(separator: ":").last)
            try await self.refuses(["--listen", "127.0.0.1:\(port)"], 1, "127.0.0.1:\(port) is taken", "--listen")
        }
        try await self.refuses(["--listen", "192.0.2.1:0"], 1, "192.0.2.1:0", "127.0.0.1")
        try await self.refuses(["--listen", "host.invalid:0"], 1, "host.invalid", "127.0.0.1")
        for text in ["nowhere", ":80", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "[::1]", "a:b", ""] {
            try await self.refuses(["--listen", text], 64, "--listen")
        }
    }

    @Test("times that are none, or cannot work")
    func durations() async throws {
        for text in ["soon", "", "-5s", "1e3", "5 m", "1.2.3s", "s", ".", "٣s", "99999999999999999999h", "0", "25h"] {
            try await self.refuses(["--token-lifetime=\(text)"], 64, "--token-lifetime")
        }
        try await self.refuses(["--suspend-after=0"], 64, "--suspend-after 0s", "10ms to 168h")
        try await self.refuses(["--suspend-after=200h"], 64, "--suspend-after 200h")
        try await self.refuses(["--wake-delay=2h"], 64, "--wake-delay 2h", "0 to 1h")
        try await self.refuses(["--app-start-limit=25h"], 64, "--app-start-limit 25h", "1s to 24h")
    }

    @Test("options that do not exist")
    func options() async throws {
        try await self.refuses(["--unknown"], 64, "Unknown option")
        try await self.refuses(["--as", "nobody"], 64, "--as")
        try await self.refuses(["--log-level", "loud"], 64, "--log-level")
        try await self.refuses(["stray"], 64, "stray")
    }

    @Test("a file for the environment that cannot be written, before anything starts")
    func environmentFile() async throws {
        let scratch = try Scratch()
        let link = scratch.path + "/link"
        let target = try scratch.path(of: "target", text: "mine")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        try await self.refuses(["--env-file", "/nonexistent/file"], 1, "/nonexistent/file", "--env-file")
        try await self.refuses(["--env-file", scratch.path], 1, "it is a folder", "--env-file")
        try await self.refuses(["--env-file", link], 1, "symbolic link", "--env-file")
        try await self.refuses(["--env-file", "/dev/full"], 1, "not an ordinary file", "--env-file")
        try await self.refuses(["--env-file", ""], 1, "--env-file")
        let kept = try scratch.text("target")
        #expect(kept == "mine")
    }
}

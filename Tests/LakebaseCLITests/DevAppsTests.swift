//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import LakebaseLocal
import Logging
import Secrets
import Testing

@testable import LakebaseCLI

@Suite("lakebase dev and apps", .serialized)
struct DevAppsTests {
    /// A client of a running `lakebase dev`.
    private func client(_ environment: [String: String]) throws -> WorkspaceClient {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let variables = environment.merging(["DATABRICKS_CONFIG_FILE": "/nonexistent"]) { $1 }
        return WorkspaceClient(
            configuration: try WorkspaceConfiguration.resolve(environment: variables), logger: logger)
    }

    private func deploy(_ files: [String: String], with client: WorkspaceClient) async throws -> Apps.App {
        let quick = PollingPolicy(step: .milliseconds(20), jitter: .zero ... .zero)
        _ = try await client.apps.create(.init(name: "notes")).wait(polling: quick)
        try await client.workspace.mkdirs("/Shared/app")
        for (name, text) in files {
            try await client.workspace.import(Data(text.utf8), to: "/Shared/app/\(name)", format: .raw)
        }
        _ = try await client.apps.deploy(.init(sourceCodePath: "/Shared/app"), to: "notes").wait(polling: quick)
        return try await client.apps.get("notes")
    }

    private static let manifest = """
        command:
          - sh
          - -c
          - |
            echo $$ > "$HOME/pid"
            printf 'one\\033[31m two\\033[0m\\n'
            echo three >&2
            exec python3 -u -m http.server --bind 0.0.0.0 $DATABRICKS_APP_PORT
        """

    @Test("after kill -9 no process of an app stays, and the next start runs it again")
    func killed() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        func process() throws -> pid_t {
            let text = try String(contentsOfFile: data + "/apps/notes/home/pid", encoding: .utf8)
            return try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        }
        var url: String?
        for round in 0..<2 {
            let (output, errors) = (try scratch.file("out\(round)"), try scratch.file("err"))
            let lakebase = try CommandRun.start(
                "lakebase", ["dev", "--json", "--data", data], output: output, errors: errors)
            defer { kill(lakebase.processIdentifier, SIGKILL) }
            let line = try await scratch.text("out\(round)", containing: "\n")
            let environment = try JSONDecoder().decode(DevRun.Announcement.self, from: Data(line.utf8)).environment
            let client = try self.client(environment)
            defer { client.shutDown() }
            if round == 0 {
                url = try await self.deploy(["app.yaml": Self.manifest], with: client).url
            } else {
                let deadline = ContinuousClock.now + .seconds(120)
                while try await client.apps.get("notes").appStatus?.state != .running {
                    try #require(ContinuousClock.now < deadline, "it does not run again")
                    try await Task.sleep(for: .milliseconds(20))
                }
                let again = try await client.apps.get("notes")
                #expect(again.url == url)
            }
            let app = try process()
            #expect(kill(app, 0) == 0)
            kill(lakebase.processIdentifier, SIGKILL)
            #expect(try await isGone(app), "the app \(app) still runs")
        }
    }

    @Test("dev logs shows what an app said, by folder and environment, while it runs and afterwards")
    func logs() async throws {
        let scratch = try Scratch()
        let data = scratch.path + "/data"
        try await DevRun.with(["--data", data]) { run in
            let client = try self.client(run.environment)
            defer { client.shutDown() }
            _ = try await self.deploy(["app.yaml": Self.manifest], with: client)
            let shown = try await CommandRun.run("lakebase", ["dev", "logs", "notes", "--data", data])
            #expect(shown.status == 0, "\(shown.errors)")
            #expect(shown.output.contains(" stdout one two\n"), "no colours of another program: \(shown.output)")
            #expect(shown.output.contains(" stderr three\n") && shown.output.contains(" system Starting on port "))
            let json = try await CommandRun.run(
                "lakebase", ["dev", "logs", "notes", "--json", "--tail", "2"], environment: run.environment)
            let lines = try json.output.split(separator: "\n").map {
                try LocalAppLog.decoder.decode(LocalAppLog.Line.self, from: Data($0.utf8))
            }
            // That it serves, the app may say before or after it is seen to.
            #expect(
                lines.count == 2 && lines.contains { $0.stream == .system && $0.text.hasSuffix(" runs.") },
                "\(json.output) \(json.errors)")
            let other = try await CommandRun.run("lakebase", ["dev", "logs", "other", "--data", data])
            #expect(other.status == 1 && other.errors.contains("There is no app other"), "\(other.errors)")
            let path = try await CommandRun.run("lakebase", ["dev", "logs", "../x", "--data", data])
            #expect(path.status == 1 && path.errors.contains("cannot be the name of an app"), "\(path.errors)")
            let identity = try #require(run.announcement.identities["app"])
            let app = try await CommandRun.run("lakebase", ["dev", "logs", "notes"], environment: identity)
            #expect(app.status == 1 && app.errors.contains("Only the developer"), "\(app.errors)")

            let (output, errors) = (try scratch.file("follow"), try scratch.file("followErrors"))
            let follower = try CommandRun.start(
                "lakebase", ["dev", "logs", "notes", "--follow", "--tail", "1", "--data", data], output: output,
                errors: errors)
            _ = try await scratch.text("follow", containing: "\n")
            _ = try await client.apps.stop("notes").wait()
            let followed = try await scratch.text("follow", containing: "The app ended with")
            #expect(!followed.contains("three"), "that was before")
            kill(run.processID, SIGTERM)
            try await run.process.ended()
            try await follower.ended()
            #expect(follower.terminationStatus == 0)
            #expect(try scratch.text("followErrors").contains("has ended"))
        }
        let after = try await CommandRun.run("lakebase", ["dev", "logs", "notes", "--data", data])
        #expect(after.status == 0 && after.output.contains(" stderr three\n"), "\(after.errors)")
        let nothing = try await CommandRun.run("lakebase", ["dev", "logs", "notes", "--follow", "--data", data])
        #expect(nothing.status == 1 && nothing.errors.contains("nothing to follow"), "\(nothing.errors)")
        let never = try await CommandRun.run("lakebase", ["dev", "logs", "never", "--data", data])
        #expect(never.status == 1 && never.errors.contains("has ever run"), "\(never.errors)")
        let nowhere = try await CommandRun.run("lakebase", ["dev", "logs", "notes"])
        #expect(nowhere.status == 1 && nowhere.errors.contains("--data"), "\(nowhere.errors)")
    }

    @Test("what a terminal would obey is not shown, also of a log of an earlier version")
    func plain() throws {
        let json =
            #"{"deployment":"","number":1,"stream":"stdout","text":"a\u001B[1;31mb\tc\u0007\u009Bx\nd","time":"2026-11-29T00:00:00.000Z"}"#
        let line = try LocalAppLog.decoder.decode(LocalAppLog.Line.self, from: Data(json.utf8))
        #expect(LogLineText.text(line) == "2026-11-29T00:00:00.000Z stdout ab\tc\\u{7}\\u{9B}x\\u{A}d")
    }
}

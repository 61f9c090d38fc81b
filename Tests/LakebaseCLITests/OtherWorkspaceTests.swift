//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// Every command says where it changes something, and sends a secret only where it belongs.
@Suite("The workspace of every command", .serialized)
struct OtherWorkspaceTests {
    private enum Kind { case changes, reads }

    private struct Call {
        var kind: Kind
        var arguments: [String]

        static func changes(_ arguments: String...) -> Call { Call(kind: .changes, arguments: arguments) }
        static func reads(_ arguments: String...) -> Call { Call(kind: .reads, arguments: arguments) }
    }

    /// Each command that asks a workspace or a database of one, with what it needs to do so.
    ///
    /// A command that is new is missing here or in ``here``, and the test says so.
    private static let calls: [String: [Call]] = [
        "auth describe": [.reads()],
        // What it changes is on this machine, and it shows the address of the workspace's page.
        "auth login": [.reads("--no-browser", "--timeout", "5s")],
        "auth token": [.reads()],
        "branches create": [.changes("b", "--no-expiry")],
        "branches delete": [.changes("b", "--yes")],
        "branches get": [.reads("b")],
        "branches list": [.reads()],
        "deploy apply": [.changes("--yes")],
        "deploy delete": [.changes("--yes")],
        "deploy plan": [.changes()],
        "deploy status": [.reads()],
        "deploy update": [.changes("--yes")],
        "dev logs": [.reads("app")],
        "dev status": [.reads()],
        "doctor": [.reads("--json", "--no-wake"), .reads("--json", "--branch", "b")],
        "env": [.reads(), .reads("--branch", "b")],
        "grants apply": [.changes("r", "--preset", "app", "--schema", "s")],
        "grants orphans": [.reads()],
        "grants plan": [.reads("r", "--preset", "app", "--schema", "s")],
        "grants revoke": [
            .changes("r", "--preset", "app", "--schema", "s"), .changes("r", "--schema", "s", "--branch", "b"),
        ],
        "grants transfer": [.reads("--from", "a", "--to", "b"), .changes("--from", "a", "--to", "b", "--yes")],
        "grants verify": [.reads("r", "--preset", "app", "--schema", "s")],
        "migrate down": [.changes("--to", "0")],
        "migrate status": [.reads()],
        "migrate up": [.changes(), .changes("--branch", "b")],
        "migrate verify": [.reads()],
        // What these two run is the caller's own.
        "psql": [.reads("-c", "SELECT 1"), .reads("--branch", "b", "-c", "SELECT 1")],
        "query": [.reads("-c", "SELECT 1"), .reads("--branch", "b", "-c", "SELECT 1")],
        "roles create": [
            .changes("a@example.com", "--type", "user"), .changes("a@example.com", "--type", "user", "--by", "sql"),
        ],
        "roles delete": [
            .changes("a@example.com", "--yes"), .changes("a@example.com", "--yes", "--by", "sql"),
        ],
        "roles list": [.reads(), .reads("--by", "sql")],
        "token": [.reads(), .reads("--branch", "b")],
    ]

    /// Commands that work with files of this machine alone, and `dev`, which makes its workspace itself.
    private static let here: Set<String> = [
        "deploy package", "deploy schema", "dev", "dev extensions", "init", "migrate new",
    ]

    /// Each call of each command with all its words, in a folder that has what they read.
    private static func all(_ scratch: Scratch) async throws -> [(
        name: String, words: [String], call: Call, options: Set<String>
    )] {
        let commands = try await CommandTree.load().commands
        let leaves = commands.filter { ($0.command.subcommands ?? []).isEmpty || $0.words == ["dev"] }
            .filter { !$0.words.isEmpty && $0.words != ["help"] }
        #expect(Set(leaves.map { $0.words.joined(separator: " ") }) == Set(Self.calls.keys).union(Self.here))
        try FileManager.default.createDirectory(atPath: scratch.path + "/app", withIntermediateDirectories: true)
        _ = try scratch.path(of: "app/index.html", text: "<p>one</p>\n")
        try FileManager.default.createDirectory(atPath: scratch.path + "/m", withIntermediateDirectories: true)
        _ = try scratch.path(of: "m/0001_one.sql", text: "SELECT 1;\n")
        let deployment = try scratch.path(
            of: "deployment.yaml",
            text:
                "environments:\n  development:\n    app:\n      name: notes\n      source: app\n      command: ./run\n"
                + "    lakebase:\n      generation: autoscaling\n      project: notes\n")
        return leaves.flatMap { words, command in
            let name = words.joined(separator: " ")
            var more: [String] = []
            if command.options.contains("--env") { more += ["--env", "development", "--file", deployment] }
            if command.options.contains("--folder") { more += ["--folder", scratch.path + "/m"] }
            return (Self.calls[name] ?? []).map { call in
                // psql takes what comes last.
                (name, words + more + call.arguments, call, command.options)
            }
        }
    }

    @Test("every command that changes something names its workspace first, and where that comes from")
    func notice() async throws {
        let scratch = try Scratch()
        let calls = try await Self.all(scratch)
        try await StubHost.with { host in
            let environment = [
                "HOME": scratch.path, "DATABRICKS_HOST": host.url, "DATABRICKS_TOKEN": "t",
                "LAKEBASE_ENDPOINT": "projects/p/branches/b/endpoints/e",
            ]
            for (name, words, _, _) in calls.filter({ $0.call.kind == .changes }) {
                let run = try await CommandRun.run("lakebase", words, environment: environment)
                let start = "lakebase: workspace \(host.url) (from the environment variable DATABRICKS_HOST), "
                #expect(run.errors.hasPrefix(start), "\(name): \(run.errors)")
                #expect(run.status == 1, "\(name): \(run.errors)")
            }
        }
    }

    @Test("no command uses a profile and a host of the environment that disagree")
    func disagreement() async throws {
        let scratch = try Scratch()
        let calls = try await Self.all(scratch)
        try await StubHost.with { host in
            try await StubHost.with { profile in
                let file = try scratch.path(of: "cfg", text: "[work]\nhost = \(profile.url)\ntoken = profile-token\n")
                for token in [nil, "environment-token"] {
                    var environment = [
                        "HOME": scratch.path, "DATABRICKS_CONFIG_FILE": file, "DATABRICKS_CONFIG_PROFILE": "work",
                        "DATABRICKS_HOST": host.url, "LAKEBASE_ENDPOINT": "projects/p/branches/b/endpoints/e",
                    ]
                    environment["DATABRICKS_TOKEN"] = token
                    for (name, words, _, _) in calls {
                        let run = try await CommandRun.run("lakebase", words, environment: environment)
                        let said = "\(name) \(words): \(run.errors) \(run.output)"
                        #expect(host.lines == [] && profile.lines == [], "\(said)")
                        #expect(run.status == 1, "\(said)")
                        let needle =
                            "the profile 'work' is not for \(host.url), which the environment variable DATABRICKS_HOST"
                        #expect((run.errors + run.output).contains(needle) || name.hasPrefix("dev "), "\(said)")
                        host.forget()
                        profile.forget()
                    }
                }
            }
        }
    }

    @Test("--host of another workspace gets no credentials of the environment, of any command")
    func host() async throws {
        let scratch = try Scratch()
        let calls = try await Self.all(scratch)
        #expect(calls.count { $0.options.contains("--host") } >= 10)
        try await StubHost.with { other in
            try await StubHost.with { own in
                let file = try scratch.path(of: "cfg", text: "[work]\nhost = \(own.url)\ntoken = profile-token\n")
                let common = [
                    "HOME": scratch.path, "DATABRICKS_CONFIG_FILE": file,
                    "LAKEBASE_ENDPOINT": "projects/p/branches/b/endpoints/e",
                ]
                for environment in [
                    ["DATABRICKS_HOST": own.url, "DATABRICKS_TOKEN": "environment-token"],
                    ["DATABRICKS_CONFIG_PROFILE": "work"],
                ] {
                    for (name, words, _, _) in calls.filter({ $0.options.contains("--host") }) {
                        let run = try await CommandRun.run(
                            "lakebase", words + ["--host", other.url],
                            environment: common.merging(environment) { $1 })
                        let said = "\(name): \(run.errors) \(run.output)"
                        #expect(own.lines == [] && other.tokens == [], "\(said)")
                        #expect(run.status == 1, "\(said)")
                        if name != "auth login" {
                            #expect((run.errors + run.output).contains("for another workspace"), "\(said)")
                        }
                        // The same workspace, written otherwise, is no other.
                        let same = try await CommandRun.run(
                            "lakebase", words + ["--host", own.url + "/"],
                            environment: common.merging(environment) { $1 })
                        #expect(!(same.errors + same.output).contains("for another workspace"), "\(same.errors)")
                        own.forget()
                        other.forget()
                    }
                }
            }
        }
    }
}

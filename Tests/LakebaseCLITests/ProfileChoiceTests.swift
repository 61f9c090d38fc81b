//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// A profile that is named is the one that is used, whatever the environment says.
@Suite("The choice of the workspace, for all commands", .serialized)
struct ProfileChoiceTests {
    /// What each command with a profile needs beside it to ask its workspace something.
    ///
    /// A command that is new is missing here, and the test says so.
    private static let calls: [String: [[String]]] = [
        "auth describe": [[]],
        "auth login": [["--no-browser", "--timeout", "5s"]],
        "auth token": [[]],
        "branches create": [["b", "--no-expiry"]],
        "branches delete": [["b", "--yes"]],
        "branches get": [["b"]],
        "branches list": [[]],
        "deploy apply": [["--yes"]],
        "deploy delete": [["--yes"]],
        "deploy plan": [[]],
        "deploy status": [[]],
        "deploy update": [["--yes"]],
        "doctor": [["--json"], ["--branch", "b"]],
        "env": [[], ["--branch", "b"]],
        "grants apply": [
            ["r", "--preset", "app", "--schema", "s"], ["r", "--preset", "app", "--schema", "s", "--branch", "b"],
        ],
        "grants orphans": [[]],
        "grants plan": [["r", "--preset", "app", "--schema", "s"]],
        "grants revoke": [
            ["r", "--preset", "app", "--schema", "s"], ["r", "--schema", "s", "--branch", "b"],
        ],
        "grants transfer": [
            ["--from", "a", "--to", "b", "--yes"], ["--from", "a", "--to", "b", "--yes", "--branch", "b"],
        ],
        "grants verify": [["r", "--preset", "app", "--schema", "s"]],
        "migrate down": [
            ["--to", "0", "--folder", Self.migrations], ["--to", "0", "--folder", Self.migrations, "--branch", "b"],
        ],
        "migrate status": [["--folder", Self.migrations]],
        "migrate up": [
            ["--folder", Self.migrations], ["--folder", Self.migrations, "--branch", "b"],
            ["--folder", Self.migrations, "--branch", "b", "--project", "p"],
        ],
        "migrate verify": [["--folder", Self.migrations]],
        "psql": [[], ["--branch", "b"]],
        "query": [["-c", "SELECT 1"], ["--branch", "b", "-c", "SELECT 1"]],
        "roles create": [
            ["a@example.com", "--type", "user"], ["a@example.com", "--type", "user", "--by", "sql"],
            ["a@example.com", "--type", "user", "--by", "sql", "--branch", "b"],
        ],
        "roles delete": [["a@example.com", "--yes"], ["a@example.com", "--yes", "--by", "sql"]],
        "roles list": [[], ["--by", "sql"]],
        "token": [[], ["--branch", "b"]],
    ]

    /// Commands that change something there, and those that say what they would change.
    private static let changing: Set<String> = [
        "branches create", "branches delete", "deploy apply", "deploy delete", "deploy plan", "deploy update",
        "grants apply", "grants revoke", "grants transfer", "migrate down", "migrate up", "roles create",
        "roles delete",
    ]

    private static let migrations =
        (#filePath.components(separatedBy: "/Tests/LakebaseCLITests/").first ?? ".") + "/Examples/Starter/migrations"

    private struct Place {
        var scratch: Scratch
        var environment: [String: String]
        var options: [String]
    }

    /// A home with a profile of one workspace, in an environment of another one.
    private static func place(profile: StubHost, environment: StubHost) throws -> Place {
        let scratch = try Scratch()
        let file = try scratch.path(
            of: "cfg",
            text: "[DEFAULT]\nhost = \(environment.url)\n[work]\nhost = \(profile.url)\ntoken = profile-token\n")
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/app", withIntermediateDirectories: true)
        _ = try scratch.path(of: "app/index.html", text: "<p>one</p>\n")
        for (name, line) in [("plain", ""), ("named", "    profile: work\n")] {
            _ = try scratch.path(
                of: "\(name).yaml",
                text:
                    "environments:\n  development:\n\(line)    app:\n      name: notes\n      source: app\n      command: ./run\n"
                    + "    lakebase:\n      generation: autoscaling\n      project: notes\n")
        }
        return Place(
            scratch: scratch,
            environment: [
                "HOME": scratch.path, "DATABRICKS_CONFIG_FILE": file, "DATABRICKS_HOST": environment.url,
                "DATABRICKS_TOKEN": "environment-token", "DATABRICKS_CLIENT_ID": "environment-id",
                "DATABRICKS_CLIENT_SECRET": "environment-secret", "DATABRICKS_AUTH_TYPE": "oauth-m2m",
                "DATABRICKS_WORKSPACE_ID": "7", "DATABRICKS_DISCOVERY_URL": environment.url + "/discovery",
                "LAKEBASE_ENDPOINT": "projects/p/branches/b/endpoints/e",
            ], options: ["--env", "development", "--file"])
    }

    @Test("every command with --profile asks that workspace and no other, with no other's credentials")
    func everyCommand() async throws {
        let tree = try await CommandTree.load()
        let commands = tree.commands.filter { $0.command.options.contains("--profile") }
        #expect(commands.count >= 15)
        #expect(Set(commands.map { $0.words.joined(separator: " ") }) == Set(Self.calls.keys))
        try await StubHost.with { environment in
            try await StubHost.with { profile in
                let place = try Self.place(profile: profile, environment: environment)
                for (words, command) in commands {
                    let name = words.joined(separator: " ")
                    for more in Self.calls[name] ?? [] {
                        profile.forget()
                        let deploys =
                            command.options.contains("--env")
                            ? place.options + [place.scratch.path + "/plain.yaml"] : []
                        let run = try await CommandRun.run(
                            "lakebase", words + more + deploys + ["--profile", "work"], environment: place.environment)
                        let words = "\(name) \(more): \(run.errors) \(run.output)"
                        #expect(environment.lines == [], "\(words)")
                        if name == "auth token" {
                            #expect(run.output == "profile-token\n", "\(words)")
                        } else {
                            #expect(!profile.lines.isEmpty, "\(words)")
                        }
                        #expect(profile.tokens.isSubset(of: ["Bearer profile-token"]), "\(words)")
                        #expect(run.status != 64, "\(words)")
                        if Self.changing.contains(name) {
                            #expect(
                                run.errors.hasPrefix("lakebase: workspace \(profile.url) (from profile work in "),
                                "\(words)")
                        }
                        environment.forget()
                    }
                }
            }
        }
    }

    @Test("profile of deployment.yaml comes before the environment, and --profile before it")
    func deployment() async throws {
        try await StubHost.with { environment in
            try await StubHost.with { profile in
                let place = try Self.place(profile: profile, environment: environment)
                func run(_ command: String, _ file: String, _ more: [String] = []) async throws -> CommandRun {
                    profile.forget()
                    environment.forget()
                    return try await CommandRun.run(
                        "lakebase",
                        ["deploy", command] + place.options + ["\(place.scratch.path)/\(file).yaml"] + more,
                        environment: place.environment)
                }
                for command in ["plan", "apply", "update", "status", "delete"] {
                    let more = ["apply", "update", "delete"].contains(command) ? ["--yes"] : []
                    let named = try await run(command, "named", more)
                    #expect(environment.lines == [] && !profile.lines.isEmpty, "\(command): \(named.errors)")
                    #expect(named.errors.hasPrefix("lakebase: workspace \(profile.url) "), "\(named.errors)")
                    let json = try await run(command, "named", more + ["--json"])
                    #expect(json.errors.hasPrefix("lakebase: workspace \(profile.url) "), "\(json.errors)")
                    #expect(!json.output.contains("lakebase: workspace"))
                    let other = try await run(command, "named", more + ["--profile", "DEFAULT"])
                    #expect(profile.lines == [] && other.status == 1, "\(command): \(other.errors)")
                }
                _ = try await run("plan", "plain")
                #expect(profile.lines == [])
            }
        }
    }

    @Test("a file that --config-file names has to exist, for every command")
    func configurationFile() async throws {
        let tree = try await CommandTree.load()
        let commands = tree.commands.filter { $0.command.options.contains("--config-file") }
        #expect(commands.count >= 8)
        try await StubHost.with { environment in
            let place = try Self.place(profile: environment, environment: environment)
            for (words, _) in commands {
                let name = words.joined(separator: " ")
                for more in Self.calls[name] ?? [] {
                    let run = try await CommandRun.run(
                        "lakebase", words + more + ["--config-file", "/nowhere/cfg"], environment: place.environment)
                    #expect(run.status == 1, "\(name): \(run.errors)")
                    #expect((run.errors + run.output).contains("/nowhere/cfg does not exist"), "\(name): \(run.errors)")
                    #expect(environment.lines == [], "\(name)")
                }
            }
        }
    }

    @Test("a login with a profile whose file or cache cannot take it fails before the browser")
    func login() async throws {
        try await StubHost.with { host in
            let place = try Self.place(profile: host, environment: host)
            let arguments = ["auth", "login", "--host", host.url, "--no-browser", "--timeout", "5s", "--profile"]
            let taken = try await CommandRun.run(
                "lakebase", ["auth", "login", "--host", "https://other.example.com", "--profile", "work"],
                environment: place.environment)
            #expect(taken.status == 1 && taken.errors.contains("choose another name with --profile"), "\(taken.errors)")
            try FileManager.default.createDirectory(
                atPath: place.scratch.path + "/.databricks", withIntermediateDirectories: true)
            _ = try place.scratch.path(of: ".databricks/token-cache.json", text: "{")
            let damaged = try await CommandRun.run("lakebase", arguments + ["new"], environment: place.environment)
            #expect(damaged.status == 1 && damaged.errors.contains("remove it and log in again"), "\(damaged.errors)")
            #expect(host.lines == [] && !damaged.errors.contains("Log in here"))
        }
    }
}

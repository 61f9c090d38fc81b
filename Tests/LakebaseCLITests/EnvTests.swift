//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Testing

@Suite("lakebase env and lakebase token as processes", .serialized)
struct EnvTests {
    private static func isToken(_ text: some StringProtocol) -> Bool { text.contains("eyJ") }

    @Test("of an https address there are the certificates as well")
    func secure() async throws {
        try await DevRun.with(["--https"]) { run in
            #expect(run.environment["DATABRICKS_HOST"]?.hasPrefix("https://127.0.0.1:") == true)
            let made = try await CommandRun.run("lakebase", ["env"], environment: run.environment)
            #expect(made.status == 0, "\(made.errors)")
            let lines = EnvironmentLines.parse(made.output)
            for name in ["DATABRICKS_HOST", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
                #expect(lines[name] != nil && lines[name] == run.environment[name], "\(name)")
            }
            // The command after -- has them in place of the shell's.
            let command = try await CommandRun.run(
                "lakebase",
                ["dev", "--https", "--", "sh", "-c", "echo $DATABRICKS_HOST; grep -c BEGIN $SSL_CERT_FILE"],
                environment: ["SSL_CERT_FILE": try #require(lines["SSL_CERT_FILE"])])
            let said = command.output.split(separator: "\n").map(String.init)
            #expect(said.count == 2 && said[0].hasPrefix("https://"), "\(command.output)\(command.errors)")
            let mine = try String(contentsOfFile: try #require(lines["SSL_CERT_FILE"]), encoding: .utf8)
            #expect(
                Int(said.last ?? "") == mine.components(separatedBy: "BEGIN CERTIFICATE").count,
                "one more than there were")
        }
    }

    @Test("each form is what the programs that read it take, and has no secret")
    func forms() async throws {
        try await DevRun.with { run in
            let scratch = try Scratch()
            func env(_ arguments: String...) async throws -> String {
                let made = try await CommandRun.run("lakebase", ["env"] + arguments, environment: run.environment)
                #expect(made.status == 0 && !Self.isToken(made.output) && !Self.isToken(made.errors), "\(made.errors)")
                return made.output
            }
            let lines = EnvironmentLines.parse(try await env())
            for name in [
                "PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGSSLMODE", "PGSSLROOTCERT", "DATABRICKS_HOST",
                "LAKEBASE_ENDPOINT",
            ] {
                #expect(lines[name] == run.environment[name], "\(name)")
            }
            #expect(lines["PGSSLMODE"] == "require" && lines["PGPASSWORD"] == nil)
            #expect(lines["NODE_EXTRA_CA_CERTS"] == run.environment["NODE_EXTRA_CA_CERTS"])
            // With the workspace's credential, the file is all that a program of this library needs.
            let token = try #require(run.environment["DATABRICKS_TOKEN"])
            let again = try await CommandRun.run(
                "lakebase", ["query", "--format", "csv", "-c", "SELECT 1 AS a"],
                environment: lines.merging(["DATABRICKS_TOKEN": token]) { $1 })
            #expect(again.output == "a\n1\n", "\(again.errors)")

            let password = try await CommandRun.run("lakebase", ["token"], environment: run.environment)
            #expect(
                password.status == 0 && password.output.hasSuffix("\n")
                    && password.output.split(separator: "\n").count == 1)
            #expect(password.errors.contains("good for logins until") && !Self.isToken(password.errors))
            let secret = password.output.trimmingCharacters(in: .newlines)
            func psql(_ arguments: [String], _ environment: [String: String]) async throws {
                let run = try await CommandRun.run(
                    "/usr/bin/env", ["psql", "-X", "-A", "-t", "-w", "-c", "SELECT 3"] + arguments,
                    environment: environment.merging(["PGPASSWORD": secret]) { $1 })
                #expect(run.status == 0 && run.output == "3\n", "\(run.errors)")
            }
            try await psql([try await env("--format", "url").trimmingCharacters(in: .newlines)], [:])
            let service = try scratch.path(
                of: "service.conf", text: try await env("--format", "service", "--service", "x y"))
            try await psql([], ["PGSERVICEFILE": service, "PGSERVICE": "x y"])
            let shell = try await env("--format", "shell")
            #expect(shell.split(separator: "\n").allSatisfy { $0.hasPrefix("export ") })
            let sourced = try await CommandRun.run(
                "/bin/sh", ["-c", "eval \"$1\"; exec psql -X -A -t -w -c 'SELECT 4'", "sh", shell],
                environment: ["PGPASSWORD": secret])
            #expect(sourced.output == "4\n", "\(sourced.errors)")
            let object = try JSONDecoder().decode(
                [String: String].self, from: Data(try await env("--format", "json").utf8))
            #expect(object["host"] == run.environment["PGHOST"] && object["password"] == nil)
        }
    }

    @Test("a token is given where it is asked for, with its end")
    func tokens() async throws {
        try await DevRun.with(["--token-lifetime", "10m"]) { run in
            func call(_ arguments: String...) async throws -> CommandRun {
                try await CommandRun.run("lakebase", arguments, environment: run.environment)
            }
            let object = try await call("token", "--json")
            let facts = try JSONDecoder().decode(JSONValue.self, from: Data(object.output.utf8))
            let expiry = try #require(facts["expiry"]?.stringValue.flatMap { RFC3339.date(from: $0) })
            #expect((540...605).contains(expiry.timeIntervalSinceNow), "\(expiry)")
            #expect(facts["user"]?.stringValue == run.environment["PGUSER"] && object.complaints == "")
            #expect(try await call("token", "--field", "user").output == "\(run.environment["PGUSER"] ?? "")\n")
            #expect(try await call("token", "--field", "host").output == "\(run.environment["PGHOST"] ?? "")\n")
            let field = try await call("token", "--field", "expiry")
            #expect(RFC3339.date(from: field.output.trimmingCharacters(in: .newlines)) != nil)
            let with = try await call("env", "--with-token")
            #expect(EnvironmentLines.parse(with.output)["PGPASSWORD"].map(Self.isToken) == true)
            #expect(with.errors.contains(" min from now") && !Self.isToken(with.errors), "\(with.errors)")
            let instance = try await call("token", "--instance", "local")
            #expect(instance.status == 0 && Self.isToken(instance.output), "\(instance.errors)")

            let terminal = try PseudoTerminal(
                CommandRun.folder.path + "/lakebase", ["token"], environment: run.environment)
            let refused = try await terminal.status()
            #expect(refused == 64 && terminal.text().contains("--show") && !Self.isToken(terminal.text()))
            let shown = try PseudoTerminal(
                CommandRun.folder.path + "/lakebase", ["token", "--show"], environment: run.environment)
            let status = try await shown.status()
            #expect(status == 0 && Self.isToken(shown.text()))
        }
    }

    @Test("what cannot be had is said with its remedy")
    func failures() async throws {
        let none = try await CommandRun.run("lakebase", ["token"], environment: ["PGHOST": "localhost", "PGUSER": "x"])
        #expect(none.status == 1 && none.output == "" && none.errors.contains("without a password"), "\(none.errors)")
        let own = try await CommandRun.run(
            "lakebase", ["token", "--field", "expiry"], environment: ["DATABASE_URL": "postgresql://a:b@h/c"])
        #expect(
            own.status == 1 && own.errors.contains("does not expire") && !own.errors.contains(":b@"), "\(own.errors)")
        let nowhere = try await CommandRun.run(
            "lakebase", ["env"], environment: ["LAKEBASE_ENDPOINT": "projects/p/branches/b/endpoints/e"])
        #expect(nowhere.status == 1 && nowhere.errors.contains("DATABRICKS_HOST"), "\(nowhere.errors)")
        let refused = try await CommandRun.run(
            "lakebase", ["token"],
            environment: [
                "LAKEBASE_ENDPOINT": "projects/p/branches/b/endpoints/e", "DATABRICKS_HOST": "http://127.0.0.1:9",
                "DATABRICKS_TOKEN": "dapi-canary-wrong-token",
            ])
        #expect(refused.status == 1 && refused.output == "" && !refused.errors.contains("canary"), "\(refused.errors)")
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Testing

@Suite("lakebase auth against lakebase dev", .serialized)
struct DevLoginTests {
    /// Runs `lakebase auth login` to its end, given what the browser is to do with the address.
    private func logIn(
        _ arguments: [String], environment: [String: String], browse: (String) async throws -> Void
    ) async throws -> (status: Int32, output: String, errors: String) {
        let scratch = try Scratch()
        let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
        let process = try CommandRun.start(
            "lakebase", ["auth", "login", "--no-browser"] + arguments, environment: environment, output: output,
            errors: errors)
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        let asked = try await scratch.text("err", containing: "code_challenge_method", within: .seconds(120))
        try await browse(
            String(try #require(asked.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("http") })))
        try await process.ended(within: .seconds(120))
        return (process.terminationStatus, try scratch.text("out"), try scratch.text("err"))
    }

    @Test(
        "login by the page or without it, and what it is good for",
        arguments: [[], ["--approve-logins"]])
    func login(_ arguments: [String]) async throws {
        try await DevRun.with(arguments) { run in
            let home = try Scratch()
            let host = try #require(run.environment["DATABRICKS_HOST"])
            let user = try #require(run.environment["PGUSER"])
            let environment = ["HOME": home.path, "DATABRICKS_CONFIG_FILE": home.path + "/cfg", "PATH": "/nonexistent"]
            let login = try await self.logIn(["--host", host, "--profile", "local"], environment: environment) {
                let visit = try await HeadlessBrowser.logIn($0, as: user)
                #expect(visit.page.contains("You can close this page."))
            }
            #expect(login.status == 0, "\(login.errors)")
            #expect(login.output == "Logged in to \(host) as \(user).\n")

            let described = try await CommandRun.run(
                "lakebase", ["auth", "describe", "--profile", "local", "--json"], environment: environment)
            let report = try JSONDecoder().decode(JSONValue.self, from: Data(described.output.utf8))
            #expect(report["identity"] == .string(user) && report["method"] == .string("databricks-cli"))

            // The login, and nothing else, mints the password of a database session.
            var session = run.environment.filter { !$0.key.hasPrefix("DATABRICKS") }
            session["HOME"] = home.path
            let token = try await CommandRun.run(
                "lakebase", ["auth", "token", "--profile", "local"], environment: environment)
            session["DATABRICKS_HOST"] = host
            session["DATABRICKS_TOKEN"] = String(token.output.dropLast())
            let connection = try await DevRun.connect(session)
            #expect(try await connection.query("SELECT current_user::text").decode(String.self).first == user)
            await connection.close()
        }
    }

    @Test("the terminal shows the code when a page is opened, and the file has it")
    func codeOnTerminal() async throws {
        let scratch = try Scratch()
        let terminal = try PseudoTerminal(
            CommandRun.folder.path + "/lakebase", ["dev", "--data", scratch.path + "/data"])
        let said = try await terminal.text(containing: "Ctrl-C stops it.")
        let host = try #require(said.firstMatch(of: /workspace +(http:\/\/[0-9.:]+)/)).1
        let query =
            "client_id=databricks-cli&redirect_uri=http://localhost:8020&response_type=code&scope=all-apis&state=s"
            + "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
        let page = try await CommandRun.run("/usr/bin/env", ["curl", "-s", "\(host)/oidc/v1/authorize?\(query)"])
        #expect(page.output.contains("name=\"code\""))
        let kept = try String(contentsOfFile: scratch.path + "/data/secrets/login-code", encoding: .utf8)
        let code = kept.filter { !$0.isWhitespace }
        #expect(code.wholeMatch(of: /([A-Z2-9]{4}-){2}[A-Z2-9]{4}/) != nil)
        _ = try await terminal.text(containing: "type this code on its page: \(code)")
        #expect(!page.output.contains(code))
        try terminal.type([3])
        let status = try await terminal.status()
        #expect(status == 0)
    }

    @Test("logins are not approved beforehand for the whole network")
    func approvedForAll() async throws {
        let run = try await CommandRun.run("lakebase", ["dev", "--approve-logins", "--listen", "0.0.0.0:0"])
        #expect(run.status == 1 && run.output.isEmpty)
        #expect(run.errors.contains("the whole network could be the developer"), "\(run.errors)")
    }

    @Test("policies that cannot be read or cannot work are told before anything runs")
    func badPolicies() async throws {
        let scratch = try Scratch()
        for (text, words) in [
            ("{", "cannot be read"), ("[7]", "cannot be read"), ("{}", "has no issuer"),
            (#"[{"oidc_policy":{"issuer":"https://i"}}]"#, "jwks_json"),
        ] {
            let file = try scratch.path(of: "policies.json", text: text)
            let run = try await CommandRun.run("lakebase", ["dev", "--federation", file])
            #expect(run.status == 1 && run.output.isEmpty && run.errors.contains(words), "\(run.errors)")
        }
        let missing = try await CommandRun.run("lakebase", ["dev", "--federation", scratch.path + "/none"])
        #expect(missing.status == 1 && missing.errors.contains("there is no such file"), "\(missing.errors)")
    }
}

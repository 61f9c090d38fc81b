//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import Foundation
import Testing

@Suite("lakebase deploy as a process", .serialized)
struct DeployCommandTests {
    /// A folder with `deployment.yaml`, a web server and a migration.
    private static func folder(app: String = "notes", project: String = "notes") throws -> Scratch {
        let folder = try Scratch()
        for name in ["app", "migrations"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
        }
        _ = try folder.path(
            of: "deployment.yaml",
            text: """
                environments:
                  development:
                    app:
                      name: \(app)
                      source: app
                      command: python3 -m http.server --bind 127.0.0.1 $DATABRICKS_APP_PORT
                    lakebase:
                      generation: autoscaling
                      project: \(project)
                    migrations: migrations

                """)
        _ = try folder.path(of: "app/index.html", text: "<p>one</p>\n")
        _ = try folder.path(of: "migrations/1_notes.sql", text: "CREATE TABLE notes (id int);\n")
        return folder
    }

    private static func deploy(
        _ arguments: [String], in folder: Scratch, _ run: DevRun, limit: Duration = .seconds(120)
    ) async throws -> CommandRun {
        try await CommandRun.run(
            "lakebase", ["deploy"] + arguments + ["--env", "development", "--file", "\(folder.path)/deployment.yaml"],
            environment: run.environment, limit: limit)
    }

    private static func object(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    @Test("plan, apply, status, update and delete")
    func wholeWay() async throws {
        try await DevRun.with { run in
            let folder = try Self.folder()
            func deploy(_ arguments: String...) async throws -> CommandRun {
                try await Self.deploy(arguments, in: folder, run)
            }
            let plan = try await deploy("plan", "--check")
            #expect(plan.status == 2 && plan.output.contains("  + create project notes"), "\(plan)")
            #expect(try await deploy("status").status == 2)
            let update = try await deploy("update")
            #expect(update.status == 1 && update.errors.contains("lakebase deploy apply"), "\(update)")

            let applied = try await deploy("apply", "--json")
            #expect(applied.status == 0, "\(applied)")
            let report = try Self.object(applied.output)
            #expect(report["app"]?["state"] == .string("RUNNING"), "\(applied.output)")
            let url = try #require(report["app"]?["url"]?.stringValue)
            let page = try await CommandRun.run("/usr/bin/env", ["curl", "-sS", "--max-time", "20", url])
            #expect(page.output == "<p>one</p>\n", "\(page)")
            // Plain lines where there is no terminal.
            #expect(applied.errors.contains("[2/7] create app notes: done"), "\(applied.errors)")
            #expect(!applied.errors.contains("\u{1B}"))

            let again = try await deploy("apply")
            #expect(again.status == 0 && again.output.contains("Nothing to do."), "\(again)")
            #expect(try await deploy("plan", "--check").status == 0)
            let status = try await deploy("status", "--json")
            #expect(try status.status == 0 && Self.object(status.output)["url"] == .string(url), "\(status)")

            _ = try folder.path(of: "app/index.html", text: "<p>two</p>\n")
            _ = try folder.path(of: "migrations/2_more.sql", text: "CREATE TABLE more (id int);\n")
            let updated = try await deploy("update")
            #expect(updated.status == 0 && updated.output.contains("      2_more.sql"), "\(updated)")
            let second = try await CommandRun.run("/usr/bin/env", ["curl", "-sS", "--max-time", "20", url])
            #expect(second.output == "<p>two</p>\n", "\(second)")

            // Nobody can be asked here.
            let silent = try await deploy("delete")
            #expect(silent.status == 64 && silent.errors.contains("--yes"), "\(silent)")
            let wrong = try await deploy("delete", "--yes", "--delete-data", "development")
            #expect(wrong.status == 1 && wrong.errors.contains("--delete-data notes"), "\(wrong)")
            #expect(try await deploy("status").status == 0)
            let deleted = try await deploy("delete", "--yes")
            #expect(deleted.status == 0, "\(deleted)")
            #expect(deleted.output.contains("  = branch projects/notes/branches/production with all its data"))
            let left = try await deploy("plan", "--json")
            guard case .array(let steps)? = try Self.object(left.output)["steps"] else {
                Issue.record("\(left.output)")
                return
            }
            let titles = steps.compactMap { $0["title"]?.stringValue }
            #expect(titles.first == "create app notes" && !titles.contains { $0.hasPrefix("run ") }, "\(titles)")
            let all = try await deploy("delete", "--yes", "--delete-data", "notes")
            #expect(all.status == 0 && all.output.contains("  - delete project projects/notes"), "\(all)")
        }
    }

    @Test("killed at each step in turn and run again, it ends as if it had not been")
    func kills() async throws {
        try await DevRun.with { run in
            for number in 1...7 {
                let folder = try Self.folder(app: "notes-\(number)", project: "notes-\(number)")
                let (output, errors) = (try folder.file("out"), try folder.file("err"))
                let process = try CommandRun.start(
                    "lakebase",
                    ["deploy", "apply", "--env", "development", "--file", "\(folder.path)/deployment.yaml"],
                    environment: run.environment, output: output, errors: errors)
                _ = try await folder.text("err", containing: "[\(number)/7]", within: .seconds(120))
                kill(process.processIdentifier, SIGKILL)
                try await process.ended()
                let again = try await Self.deploy(["apply"], in: folder, run)
                #expect(again.status == 0 && again.output.contains("is RUNNING"), "killed at step \(number): \(again)")
                let check = try await Self.deploy(["plan", "--check"], in: folder, run)
                #expect(check.status == 0, "killed at step \(number): \(check.output)")
            }
        }
    }

    @Test("SIGTERM stops it, and it says what is done and what is left")
    func terminated() async throws {
        try await DevRun.with { run in
            let folder = try Self.folder()
            let (output, errors) = (try folder.file("out"), try folder.file("err"))
            let process = try CommandRun.start(
                "lakebase", ["deploy", "apply", "--env", "development", "--file", "\(folder.path)/deployment.yaml"],
                environment: run.environment, output: output, errors: errors)
            _ = try await folder.text("err", containing: "[2/7]", within: .seconds(120))
            kill(process.processIdentifier, SIGTERM)
            try await process.ended()
            let told = try folder.text("err")
            #expect(process.terminationStatus == 143, "\(told)")
            #expect(told.contains("done:\n    create project notes\n") && told.contains("not done:\n"), "\(told)")
        }
    }

    @Test("a terminal is asked, and no is no")
    func terminal() async throws {
        try await DevRun.with { run in
            let folder = try Self.folder()
            let arguments = ["deploy", "apply", "--env", "development", "--file", "\(folder.path)/deployment.yaml"]
            let program = CommandRun.folder.path + "/lakebase"
            let no = try PseudoTerminal(program, arguments, environment: run.environment)
            _ = try await no.text(containing: "Continue? [y/N]")
            try no.type(Array("n\n".utf8))
            #expect(try await no.status() == 1)
            #expect(no.text().contains("nothing was done"))
            #expect(try await Self.deploy(["plan"], in: folder, run).output.contains("create project notes"))
            let yes = try PseudoTerminal(program, arguments, environment: run.environment)
            _ = try await yes.text(containing: "Continue? [y/N]")
            try yes.type(Array("y\n".utf8))
            let text = try await yes.text(containing: "is RUNNING", within: .seconds(120))
            #expect(text.contains("\r\u{1B}[K"), "\(text)")
            #expect(try await yes.status() == 0)
        }
    }

    @Test("wrong command lines have status 64, and each command explains itself")
    func arguments() async throws {
        for arguments in [
            ["apply"], ["plan", "--env", ""], ["nonsense"], ["delete", "--env", "x", "--delete-data"],
        ] {
            let run = try await CommandRun.run("lakebase", ["deploy"] + arguments)
            #expect(run.status == 64, "\(arguments): \(run.errors)")
        }
        for command in ["plan", "apply", "update", "status", "delete"] {
            let help = try await CommandRun.run("lakebase", ["deploy", command, "--help"])
            #expect(help.status == 0 && help.output.contains("Exit status"), "\(command)")
        }
        let folder = try Self.folder()
        let unknown = try await CommandRun.run(
            "lakebase", ["deploy", "plan", "--env", "nowhere", "--file", "\(folder.path)/deployment.yaml"])
        #expect(unknown.status == 1 && unknown.errors.contains("development"), "\(unknown.errors)")
    }
}

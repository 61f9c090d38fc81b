//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

@Suite("lakebase doctor as a process", .serialized)
struct DoctorCommandTests {
    private struct Report: Decodable {
        struct Check: Decodable {
            var step: String
            var verdict: String
            var problem: String?
        }

        var verdict: String
        var exit_status: Int32
        var checks: [Check]
        var settings: [[String: String]]
    }

    private static func doctor(
        _ arguments: [String], _ environment: [String: String]
    ) async throws -> CommandRun {
        try await CommandRun.run("lakebase", ["doctor"] + arguments, environment: environment)
    }

    @Test("well, a warning and a failure have their exit statuses, in words and as JSON, and no secret is shown")
    func statuses() async throws {
        try await DevRun.with { run in
            let environment = run.environment
            let token = try #require(environment["DATABRICKS_TOKEN"])
            let well = try await Self.doctor([], environment)
            #expect(well.status == 0 && well.complaints.isEmpty, "\(well.output)\(well.errors)")
            #expect(well.output.contains("from the environment variable PGHOST") && well.output.contains("14 ok in "))
            #expect(!well.output.contains("\u{1B}") && !well.output.contains(token))
            #expect(!well.output.contains("from the default"))

            var large = environment
            large["LAKEBASE_POOL_MAXIMUM_CONNECTIONS"] = "5000"
            let warned = try await Self.doctor(["--json", "--verbose"], large)
            let report = try JSONDecoder().decode(Report.self, from: Data(warned.output.utf8))
            #expect(warned.status == 2 && report.exit_status == 2 && report.verdict == "warning", "\(warned.output)")
            #expect(report.checks.count == 14 && report.checks.last?.problem == "LB405")
            #expect(report.settings.contains { $0["name"] == "workspace.token" && $0["value"] == "********" })
            #expect(!warned.output.contains(token))

            var wrong = environment
            wrong["PGUSER"] = "somebody@example.com"
            let failed = try await Self.doctor([], wrong)
            #expect(failed.status == 1 && failed.output.contains("LB303: "), "\(failed.output)")
            #expect(failed.output.contains("because credential failed") && !failed.output.contains(token))

            // The options of every command that connects, and where a value comes from.
            var elsewhere = environment
            elsewhere["LAKEBASE_ENDPOINT"] = nil
            elsewhere["PGHOST"] = "nowhere.invalid"
            let chosen = try await Self.doctor(
                ["--branch", "production", "--project", "local", "--database", "postgres"], elsewhere)
            #expect(chosen.output.contains("projects/local/branches/production/endpoints/primary"), "\(chosen.output)")
            for option in ["--branch", "--database"] {
                #expect(chosen.output.contains("from the option \(option)"), "\(chosen.output)")
            }
            #expect(!chosen.output.contains("the environment variable LAKEBASE_ENDPOINT"), "\(chosen.output)")
            let missing = try await Self.doctor(["--branch", "nowhere", "--json"], environment)
            let refused = try JSONDecoder().decode(Report.self, from: Data(missing.output.utf8))
            #expect(missing.status == 1 && refused.checks.first?.verdict == "failure", "\(missing.output)")

            let asleep = try await Self.doctor(["--no-wake", "--prefix", "orders"], environment)
            // Nothing has that prefix, so that this machine is meant, which may or may not have a PostgreSQL.
            #expect(asleep.output.contains("nothing is configured"), "\(asleep.output)")
        }
    }

    @Test("on a terminal there is colour, and none with NO_COLOR; nothing is asked")
    func terminal() async throws {
        let lakebase = CommandRun.folder.appendingPathComponent("lakebase").path
        for (setting, hasColour) in [(["-u", "NO_COLOR"], true), (["NO_COLOR=1"], false)] {
            // The environment of the tests may have it.
            let terminal = try PseudoTerminal(
                "/usr/bin/env", setting + [lakebase, "doctor"],
                environment: ["DATABASE_URL": "postgres://u@127.0.0.1:1/d"])
            let screen = try await terminal.text(containing: " skipped in ")
            #expect(screen.contains("\u{1B}[31mfailure") == hasColour, "\(screen)")
            #expect(screen.contains("LB401: the server does not accept connections"), "\(screen)")
            #expect(try await terminal.status() == 1)
        }
    }

    @Test("a wrong command line")
    func usage() async throws {
        let empty = try await Self.doctor(["--prefix", ""], [:])
        #expect(empty.status == 64 && empty.errors.contains("--prefix needs a name"))
        let help = try await Self.doctor(["--help"], [:])
        #expect(help.status == 0 && help.output.contains("Exit status: 0 if all checks are ok"))
    }
}

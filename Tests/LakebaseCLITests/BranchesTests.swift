//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Testing

@testable import LakebaseCLI

@Suite("lakebase branches as a process", .serialized)
struct BranchesTests {
    private static func branches(_ arguments: [String], _ environment: [String: String]) async throws -> CommandRun {
        try await CommandRun.run("lakebase", ["branches"] + arguments, environment: environment)
    }

    @Test("create, list, get and delete")
    func wholeWay() async throws {
        try await DevRun.with { run in
            let made = try await Self.branches(["create", "preview", "--ttl", "2h"], run.environment)
            #expect(made.status == 0 && made.output.contains("projects/local/branches/preview"), "\(made.errors)")
            #expect(made.errors.contains("lakebase psql --branch projects/local/branches/preview"))
            let child = try await Self.branches(
                ["create", "child", "--no-expiry", "--from", "preview", "--json"], run.environment)
            let object = try JSONDecoder().decode(JSONValue.self, from: Data(child.output.utf8))
            #expect(
                object["source_branch"]?.stringValue == "projects/local/branches/preview",
                "\(child.output)\(child.errors)")
            #expect(object["is_default"] == .boolean(false) && object["expire_time"] == nil && child.complaints == "")

            let list = try await Self.branches(["list"], run.environment)
            let lines = list.output.split(separator: "\n").map(String.init)
            #expect(
                lines.count == 4 && lines[0].hasPrefix("BRANCH") && lines[1].hasPrefix("production (default"),
                "\(list.output)")
            #expect(lines[2].hasPrefix("child ") && lines[2].contains(" preview ") && lines[2].contains(" never "))
            #expect(lines[3].hasPrefix("preview ") && lines[3].contains("in 1h") && lines[3].contains("ready"))
            let json = try await Self.branches(["list", "--project", "local", "--json"], run.environment)
            let array = try JSONDecoder().decode([JSONValue].self, from: Data(json.output.utf8))
            #expect(
                array.count == 3 && array.allSatisfy { $0["endpoints"] != nil && $0["state"]?.stringValue == "READY" })
            let get = try await Self.branches(["get", "projects/local/branches/preview"], run.environment)
            #expect(
                get.status == 0 && get.output.contains("parent     projects/local/branches/production"), "\(get.output)"
            )

            let parent = try await Self.branches(["delete", "preview", "--yes"], run.environment)
            #expect(parent.status == 1 && parent.output == "", "\(parent.output)")
            for name in ["child", "preview"] {
                let gone = try await Self.branches(["delete", name, "--yes", "--purge"], run.environment)
                #expect(
                    gone.status == 0 && gone.output == "Deleted projects/local/branches/\(name).\n", "\(gone.errors)")
            }
            #expect(try await Self.branches(["list"], run.environment).output.split(separator: "\n").count == 2)
        }
    }

    @Test("what must not be deleted is not, and what is not there is said")
    func refusals() async throws {
        try await DevRun.with { run in
            let main = try await Self.branches(["delete", "production", "--yes"], run.environment)
            #expect(main.status == 1 && main.errors.contains("is the default branch"), "\(main.errors)")
            let kept = try await Self.branches(["create", "kept", "--no-expiry", "--protected"], run.environment)
            #expect(kept.status == 0, "\(kept.errors)")
            let protected = try await Self.branches(["delete", "kept", "--yes"], run.environment)
            #expect(protected.status == 1 && protected.errors.contains("is protected"), "\(protected.errors)")
            let silent = try await Self.branches(["delete", "kept"], run.environment)
            #expect(silent.status == 64 && silent.errors.contains("--yes"), "\(silent.errors)")
            for command in [["get", "none"], ["delete", "none", "--yes"], ["list", "--project", "none"]] {
                let none = try await Self.branches(command, run.environment)
                #expect(none.status == 1 && none.output == "", "\(command): \(none.errors)")
            }
            let absent = try await Self.branches(["delete", "none", "--yes", "--if-exists"], run.environment)
            #expect(absent.status == 0 && absent.errors.contains("There is no branch"), "\(absent.errors)")
            let twice = try await Self.branches(["create", "kept", "--ttl", "1h"], run.environment)
            #expect(twice.status == 1 && twice.errors.contains("exist"), "\(twice.errors)")
            // The local Lakebase keeps no earlier states, and says so; the request is the service's.
            let past = try await Self.branches(
                ["create", "past", "--ttl", "1h", "--at", "2026-01-01T00:00:00Z"], run.environment)
            #expect(past.status == 1 && past.errors.contains("point in time"), "\(past.errors)")
            var homeless = run.environment
            homeless["LAKEBASE_ENDPOINT"] = nil
            let unnamed = try await Self.branches(["list"], homeless)
            #expect(unnamed.status == 1 && unnamed.errors.contains("--project"), "\(unnamed.errors)")
        }
    }

    @Test("a branch that is deleted already is purged with --purge, and said to be deleted without")
    func purgesDeleted() async throws {
        try await DevRun.with { run in
            #expect(try await Self.branches(["create", "gone", "--ttl", "1h"], run.environment).status == 0)
            #expect(try await Self.branches(["delete", "gone", "--yes"], run.environment).status == 0)
            let again = try await Self.branches(["delete", "gone", "--yes"], run.environment)
            #expect(again.status == 1 && again.errors.contains("deleted already; add --purge"), "\(again.errors)")
            let lenient = try await Self.branches(["delete", "gone", "--yes", "--if-exists"], run.environment)
            #expect(lenient.status == 0 && lenient.errors.contains("deleted already"), "\(lenient.errors)")
            let purged = try await Self.branches(["delete", "gone", "--yes", "--purge"], run.environment)
            #expect(
                purged.status == 0 && purged.output == "Deleted projects/local/branches/gone.\n", "\(purged.errors)")
            let none = try await Self.branches(["delete", "gone", "--yes", "--purge"], run.environment)
            #expect(none.status == 1 && !none.errors.contains("deleted already"), "\(none.errors)")
            let absent = try await Self.branches(
                ["delete", "gone", "--yes", "--purge", "--if-exists"], run.environment)
            #expect(absent.status == 0 && absent.errors.contains("There is no branch"), "\(absent.errors)")
        }
    }

    @Test("a terminal is asked, and no is no")
    func asks() async throws {
        try await DevRun.with { run in
            #expect(try await Self.branches(["create", "asked", "--ttl", "1h"], run.environment).status == 0)
            for (answer, status) in [("n\n", 1), ("\n", 1), ("y\n", 0)] as [(String, Int32)] {
                let terminal = try PseudoTerminal(
                    CommandRun.folder.path + "/lakebase", ["branches", "delete", "asked"], environment: run.environment)
                _ = try await terminal.text(containing: "[y/N]")
                try terminal.type(Array(answer.utf8))
                let ended = try await terminal.status()
                #expect(ended == status, "\(terminal.text())")
            }
        }
    }

    @Test("slow work is told of on standard error")
    func progress() async throws {
        try await DevRun.with(["--operation-delay", "4s"]) { run in
            let made = try await Self.branches(["create", "slow", "--ttl", "1h", "--json"], run.environment)
            #expect(made.status == 0 && made.errors.contains("creating the branch slow (2 s)"), "\(made.errors)")
            _ = try JSONDecoder().decode(JSONValue.self, from: Data(made.output.utf8))
            let begun = try await Self.branches(["create", "begun", "--ttl", "1h", "--no-wait"], run.environment)
            #expect(begun.status == 0 && begun.output == "projects/local/branches/begun\n", "\(begun.errors)")
        }
    }

    @Test("wrong command lines have status 64")
    func arguments() async throws {
        for arguments in [
            ["create", "x"], ["create", "x", "--ttl", "1h", "--no-expiry"], ["create", "x", "--ttl", "31d"],
            ["create", "x", "--ttl", "1h", "--protected"], ["create", "x", "--ttl", "1h", "--at", "yesterday"],
            ["create"], ["delete"],
        ] {
            let run = try await Self.branches(arguments, [:])
            #expect(run.status == 64, "\(arguments): \(run.errors)")
        }
    }

    @Test("points in the past and spans of time")
    func points() throws {
        #expect(BranchPoint(argument: "0/16B3748") == .position("0/16B3748"))
        let time = try #require(RFC3339.date(from: "2026-01-01T00:00:00Z"))
        #expect(BranchPoint(argument: "2026-01-01T01:00:00+01:00") == .time(time))
        for wrong in ["", "/", "0/", "g/1", "1", "2026-01-01", "+1/2"] {
            #expect(BranchPoint(argument: wrong) == nil, "\(wrong)")
        }
        for (seconds, text) in [(0.0, "0s"), (59, "59s"), (60, "1m"), (7199, "1h"), (1e6, "11d"), (-5, "0s")] {
            #expect(BranchReport.span(time, time.addingTimeInterval(seconds)) == text)
        }
        #expect(DurationArgument(argument: "7d")?.duration == .seconds(604_800))
    }
}

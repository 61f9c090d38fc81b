//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Testing

@Suite("lakebase migrate as a process", .serialized)
struct MigrateTests {
    @Test("new, up, status, verify and down on a database that sleeps at first")
    func wholeWay() async throws {
        try await DevRun.with { run in
            let folder = try Scratch()
            func migrate(_ arguments: String...) async throws -> CommandRun {
                let all = ["migrate"] + arguments + ["--folder", folder.path + "/m"]
                return try await CommandRun.run("lakebase", all, environment: run.environment)
            }
            let none = try await migrate("up")
            #expect(none.status == 1 && none.errors.contains("cannot be read"), "\(none.errors)")
            try FileManager.default.createDirectory(atPath: folder.path + "/m", withIntermediateDirectories: true)
            let nothing = try await migrate("up")
            #expect(nothing.status == 0 && nothing.output.hasPrefix("There are no migrations in "), "\(nothing.output)")
            #expect(try await migrate("verify").output.hasPrefix("There are no migrations"))
            let passedOver = folder.path + "/m/1_A.SQL"
            try Data("SELECT 1".utf8).write(to: URL(fileURLWithPath: passedOver))
            let capital = try await migrate("up")
            #expect(capital.status == 1 && capital.errors.contains("1_A.SQL: "), "\(capital.errors)")
            try FileManager.default.removeItem(atPath: passedOver)
            let made = try await migrate("new", "create", "notes")
            #expect(made.status == 0, "\(made.errors)")
            let files = made.output.split(separator: "\n").map(String.init)
            #expect(files.count == 2 && files.allSatisfy { $0.contains("_create_notes.") })
            let empty = try await migrate("up")
            #expect(empty.status == 1 && empty.errors.contains("there is no statement in it"), "\(empty.errors)")

            try Data("CREATE SCHEMA app;\nCREATE TABLE app.notes (id int);\n".utf8).write(
                to: URL(fileURLWithPath: files[0]))
            try Data("DROP SCHEMA app CASCADE;\n".utf8).write(to: URL(fileURLWithPath: files[1]))
            let before = try await migrate("verify")
            #expect(before.status == 1 && before.output.hasPrefix("pending  "), "\(before.output)")
            let up = try await migrate("up")
            #expect(up.status == 0 && up.complaints == "", "\(up.errors)")
            #expect(up.output.contains("1 ran, as \(run.environment["PGUSER"] ?? "?")."), "\(up.output)")
            #expect(try await migrate("up").output.hasPrefix("Nothing to do"))
            #expect(try await migrate("verify").status == 0)
            let status = try await migrate("status", "--json")
            let lines = try JSONDecoder().decode([JSONValue].self, from: Data(status.output.utf8))
            #expect(lines.first?["state"] == .string("applied") && lines.first?["finished_at"]?.stringValue != nil)

            try Data("CREATE SCHEMA app".utf8).write(to: URL(fileURLWithPath: files[0]))
            let edited = try await migrate("up")
            #expect(edited.status == 1 && edited.errors.contains("changed afterwards"), "\(edited.errors)")
            #expect(try await migrate("status").output.hasPrefix("edited after it ran"))
            try Data("CREATE SCHEMA app;\nCREATE TABLE app.notes (id int);\n".utf8).write(
                to: URL(fileURLWithPath: files[0]))
            let down = try await migrate("down")
            #expect(down.status == 0 && down.output.contains("1 undone"), "\(down.errors)")

            try Data("CREATE SCHEMA app;\n\nCREATE TABLE app.notes (id nonsense);\n".utf8).write(
                to: URL(fileURLWithPath: files[0]))
            let failed = try await migrate("up")
            #expect(failed.status == 1 && failed.errors.contains("_create_notes.sql:3: "), "\(failed.errors)")
            #expect(failed.errors.contains("CREATE TABLE app.notes (id nonsense)"))
            let connection = try await run.connect()
            let schemas = try await connection.query("SELECT nspname::text FROM pg_namespace WHERE nspname = 'app'")
            #expect(try schemas.decode(String.self).isEmpty)
            await connection.close()
        }
    }

    @Test("wrong command lines have status 64, and each command explains itself")
    func arguments() async throws {
        for arguments in [
            ["up", "--to", "x"], ["new"], ["nonsense"], ["up", "--lock-timeout", "soon"], ["up", "--owner", ""],
        ] {
            let run = try await CommandRun.run("lakebase", ["migrate"] + arguments)
            #expect(run.status == 64, "\(arguments): \(run.errors)")
        }
        for command in ["new", "up", "down", "status", "verify"] {
            let help = try await CommandRun.run("lakebase", ["migrate", command, "--help"])
            #expect(help.status == 0 && help.output.contains("Exit status"), "\(command)")
        }
    }
}

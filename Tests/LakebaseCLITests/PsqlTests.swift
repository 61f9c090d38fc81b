//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("lakebase psql as a process", .serialized)
struct PsqlTests {
    /// Runs it with a folder for temporary files of its own.
    private static func psql(
        _ arguments: [String], _ environment: [String: String], temporary: Scratch
    ) async throws -> CommandRun {
        try await CommandRun.run(
            "lakebase", ["psql"] + arguments,
            environment: environment.merging(["TMPDIR": temporary.path, "XDG_RUNTIME_DIR": ""]) { $1 })
    }

    private static func left(in scratch: Scratch) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: scratch.path)
    }

    @Test("it logs in, with TLS verified, hands arguments on, and leaves nothing")
    func wholeWay() async throws {
        try await DevRun.with { run in
            let temporary = try Scratch()
            let sql = "SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            let one = try await Self.psql(["-X", "-A", "-t", "-c", sql], run.environment, temporary: temporary)
            let user = try #require(run.environment["PGUSER"])
            // The local Lakebase ends TLS before PostgreSQL, so it is the environment that tells.
            #expect(one.status == 0 && one.output.hasPrefix("\(user)|"), "\(one.output)\(one.errors)")
            let shown = try await Self.psql(
                [
                    "-X", "-c",
                    "\\! echo $PGSSLMODE; stat -c %a \"$PGPASSFILE\" $(dirname \"$PGPASSFILE\"); echo \"<$PGPASSWORD>\"",
                ],
                run.environment, temporary: temporary)
            #expect(shown.output == "verify-full\n600\n700\n<>\n", "\(shown.output)\(shown.errors)")
            let script = try temporary.path(of: "script.sql", text: "SELECT 1;\nSELECT nonsense;\nSELECT 2;\n")
            let failed = try await Self.psql(
                ["--", "-X", "-v", "ON_ERROR_STOP=1", "-f", script], run.environment, temporary: temporary)
            #expect(failed.status == 3 && failed.errors.contains("script.sql:2:"), "\(failed.errors)")
            // A host that the token is not for gets none.
            let elsewhere = try await Self.psql(
                ["-X", "-w", "-h", "localhost", "-c", "SELECT 1"], run.environment, temporary: temporary)
            #expect(elsewhere.status == 2, "\(elsewhere.output)\(elsewhere.errors)")
            #expect(try Self.left(in: temporary) == ["script.sql"])
        }
    }

    @Test("other branches and databases, and a login that cannot be")
    func places() async throws {
        try await DevRun.with { run in
            let temporary = try Scratch()
            let made = try await CommandRun.run(
                "lakebase", ["branches", "create", "other", "--ttl", "1h"], environment: run.environment)
            #expect(made.status == 0, "\(made.errors)")
            let write = try await Self.psql(
                ["--branch", "other", "-X", "-q", "-c", "CREATE TABLE only_here (a int)"], run.environment,
                temporary: temporary)
            #expect(write.status == 0, "\(write.errors)")
            for (place, count) in [("other", "1"), ("projects/local/branches/production", "0")] {
                let read = try await CommandRun.run(
                    "lakebase",
                    [
                        "query", "--branch", place, "--format", "csv", "-c",
                        "SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'",
                    ],
                    environment: run.environment)
                #expect(read.output == "count\n\(count)\n", "\(read.errors)")
            }
            let postgres = try await Self.psql(
                ["--database", "postgres", "-X", "-A", "-t", "-c", "SELECT current_database()"], run.environment,
                temporary: temporary)
            #expect(postgres.output == "postgres\n", "\(postgres.errors)")
            let none = try await Self.psql(
                ["--branch", "none", "-c", "SELECT 1"], run.environment, temporary: temporary)
            #expect(none.status == 1 && none.errors.contains("none"), "\(none.errors)")
            let stranger = try await Self.psql(
                ["--user", "nobody", "-c", "SELECT 1"], run.environment, temporary: temporary)
            #expect(
                stranger.status == 1 && stranger.errors.contains("nobody") && stranger.output == "",
                "\(stranger.errors)")
            var without = run.environment
            without["PATH"] = temporary.path
            let missing = try await Self.psql(["-c", "SELECT 1"], without, temporary: temporary)
            #expect(
                missing.status == 127 && missing.errors.contains("apt-get install postgresql-client"),
                "\(missing.errors)")
            #expect(try Self.left(in: temporary).isEmpty)
        }
    }

    @Test("a provisioned instance and a plain connection string")
    func otherTargets() async throws {
        try await DevRun.with { run in
            let temporary = try Scratch()
            let instance = try await Self.psql(
                ["--instance", "local", "-X", "-A", "-t", "-c", "SELECT 1"], run.environment, temporary: temporary)
            #expect(instance.status == 0 && instance.output == "1\n", "\(instance.errors)")
            // With a token as its password, an ordinary connection string is what it says.
            let url = try await CommandRun.run(
                "lakebase", ["env", "--format", "url", "--with-token"], environment: run.environment)
            #expect(url.status == 0 && url.errors.contains("accepted for logins until"), "\(url.errors)")
            let plain = try await Self.psql(
                ["-X", "-A", "-t", "-c", "SELECT 2"],
                ["DATABASE_URL": url.output.trimmingCharacters(in: .newlines)], temporary: temporary)
            #expect(plain.status == 0 && plain.output == "2\n", "\(plain.errors)")
            #expect(try Self.left(in: temporary).isEmpty)
        }
    }

    @Test("the file is kept fresh while psql runs, so that it logs in again after the first token has ended")
    func freshToken() async throws {
        try await DevRun.with(["--token-lifetime", "5s"]) { run in
            let temporary = try Scratch()
            let old = try await CommandRun.run("lakebase", ["token"], environment: run.environment)
            let again = try await Self.psql(
                [
                    "-X", "-A", "-t", "-q", "-c", "SELECT 1", "-c", "\\! sleep 8", "-c", "\\c", "-c", "SELECT 2", "-c",
                    "\\! exec psql -X -A -t -w -c 'SELECT 3'",
                ], run.environment, temporary: temporary)
            #expect(again.status == 0 && again.output == "1\n2\n3\n", "\(again.output)\(again.errors)")
            let password = old.output.trimmingCharacters(in: .newlines)
            let refused = try await CommandRun.run(
                "/usr/bin/env", ["psql", "-X", "-w", "-c", "SELECT 4"],
                environment: run.environment.merging(["PGPASSWORD": password]) { $1 })
            #expect(refused.status == 2 && refused.errors.contains("expired"), "\(refused.errors)")
        }
    }

    @Test("on a terminal Ctrl-C cancels the query and not psql; \\q ends both with status 0")
    func interrupt() async throws {
        try await DevRun.with { run in
            let temporary = try Scratch()
            let environment = run.environment.merging([
                "TMPDIR": temporary.path, "XDG_RUNTIME_DIR": "", "PSQL_PAGER": "cat",
            ]) { $1 }
            let terminal = try PseudoTerminal(
                CommandRun.folder.path + "/lakebase", ["psql", "-X", "-n"], environment: environment)
            _ = try await terminal.text(containing: "=> ")
            try terminal.type(Array("SELECT pg_sleep(600);\n".utf8))
            let session = try await run.connect()
            try await QueryTests.wait {
                try await session.query("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%'").count
                    == 1
            }
            #expect(try Self.left(in: temporary).count == 1)
            try terminal.type([3])
            _ = try await terminal.text(containing: "canceling statement due to user request")
            try terminal.type(Array("SELECT 40 + 2 AS still;\n".utf8))
            _ = try await terminal.text(containing: "42")
            try terminal.type(Array("\\q\n".utf8))
            let status = try await terminal.status()
            #expect(status == 0, "\(terminal.text())")
            #expect(try Self.left(in: temporary).isEmpty)
            await session.close()
        }
    }

    @Test("Ctrl-Z stops both, and fg goes on, in a shell with job control")
    func jobControl() async throws {
        try await DevRun.with { run in
            let temporary = try Scratch()
            let environment = run.environment.merging([
                "TMPDIR": temporary.path, "XDG_RUNTIME_DIR": "", "PSQL_PAGER": "cat",
            ]) {
                $1
            }
            let shell = try PseudoTerminal("/bin/bash", ["--norc", "--noprofile", "-i"], environment: environment)
            try shell.type(Array("\(CommandRun.folder.path)/lakebase psql -X -n\n".utf8))
            _ = try await shell.text(containing: "=> ")
            try shell.type([26])
            _ = try await shell.text(containing: "Stopped")
            try shell.type(Array("echo in the $((40 + 1)) shell; fg\n".utf8))
            _ = try await shell.text(containing: "in the 41 shell")
            try shell.type(Array("SELECT 40 + 3 AS on;\n".utf8))
            _ = try await shell.text(containing: "43")
            try shell.type(Array("\\q\n".utf8))
            try shell.type(Array("echo status $?-; exit\n".utf8))
            _ = try await shell.text(containing: "status 0-")
            _ = try await shell.status()
            #expect(try Self.left(in: temporary).isEmpty)
        }
    }

    @Test("a signal to it ends psql, and takes the file away", arguments: [SIGTERM, SIGHUP])
    func signals(signal: Int32) async throws {
        try await DevRun.with { run in
            let (temporary, scratch) = (try Scratch(), try Scratch())
            let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
            let process = try CommandRun.start(
                "lakebase", ["psql", "-X", "-c", "SELECT pg_sleep(600)"],
                environment: run.environment.merging(["TMPDIR": temporary.path, "XDG_RUNTIME_DIR": ""]) { $1 },
                output: output, errors: errors)
            let session = try await run.connect()
            try await QueryTests.wait {
                try await session.query("SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'").count
                    == 1
            }
            kill(process.processIdentifier, signal)
            try await process.ended()
            let said = try scratch.text("err")
            #expect(process.terminationStatus == 128 + signal, "\(said)")
            #expect(try Self.left(in: temporary).isEmpty)
            await session.close()
        }
    }

    @Test("an endpoint that takes long to wake is told of, and a script runs once")
    func wake() async throws {
        try await DevRun.with(["--wake-delay", "4s"]) { run in
            let temporary = try Scratch()
            let woken = try await Self.psql(
                ["-X", "-A", "-t", "-c", "SELECT 1"], run.environment, temporary: temporary)
            #expect(woken.status == 0 && woken.output == "1\n", "\(woken.errors)")
            #expect(woken.errors.contains("waiting for the endpoint projects/local/"), "\(woken.errors)")
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Foundation
import Testing

@Suite("lakebase query as a process", .serialized)
struct QueryTests {
    private static func query(
        _ arguments: [String], _ environment: [String: String], limit: Duration = .seconds(180)
    ) async throws -> CommandRun {
        try await CommandRun.run("lakebase", ["query"] + arguments, environment: environment, limit: limit)
    }

    @Test("the three formats, with every kind of value, null, and results without rows")
    func formats() async throws {
        try await DevRun.with { run in
            let sql = """
                SELECT 1::int2 AS a, -9223372036854775808 AS b, 1.50::numeric AS c, 'NaN'::float8 AS d, 0.1::float4 AS e,
                    true AS f, NULL::text AS g, '' AS h, E'x,"y"\\n\\tz' AS i, '\\x00ff'::bytea AS j, '{"k": [1]}'::jsonb AS k,
                    '2026-01-02 03:04:05+00'::timestamptz AS l, ARRAY[1, 2] AS m, 7 AS a
                """
            var environment = run.environment
            environment["PGOPTIONS"] = "-c TimeZone=UTC"
            let json = try await Self.query(["--format", "json", "-c", sql], environment)
            #expect(json.status == 0 && json.complaints == "", "\(json.errors)")
            #expect(
                json.output
                    == #"[{"a":1,"b":-9223372036854775808,"c":"1.50","d":"NaN","e":0.1,"f":true,"g":null,"h":"","i":"x,\"y\"\n\tz","j":"\\x00ff","k":{"k": [1]},"l":"2026-01-02 03:04:05+00","m":"{1,2}","a_2":7}]"#
                    + "\n")
            _ = try JSONDecoder().decode([JSONValue].self, from: Data(json.output.utf8))
            let csv = try await Self.query(["--format", "csv", "-c", sql], environment)
            #expect(
                csv.output
                    == "a,b,c,d,e,f,g,h,i,j,k,l,m,a\n"
                    + "1,-9223372036854775808,1.50,NaN,0.1,t,,\"\",\"x,\"\"y\"\"\n\tz\",\\x00ff,\"{\"\"k\"\": [1]}\",2026-01-02 03:04:05+00,\"{1,2}\",7\n"
            )
            let table = try await Self.query(
                ["-c", "SELECT 5 AS n, E'a\\x1b[31mb' AS text UNION ALL SELECT 12, NULL ORDER BY 1"], environment)
            #expect(
                table.output == "  n | text\n----+--------------\n  5 | a\\u{1b}[31mb\n 12 | NULL\n(2 rows)\n",
                "\(table.output)")
            for (format, text) in [("table", " a\n---\n(0 rows)\n"), ("csv", "a\n"), ("json", "[]\n")] {
                let none = try await Self.query(["--format", format, "-c", "SELECT 1 AS a WHERE false"], environment)
                #expect(none.status == 0 && none.output == text, "\(none.output)")
            }
        }
    }

    @Test("several statements in order, notices and tags aside, parameters that stay values")
    func statements() async throws {
        try await DevRun.with { run in
            let scratch = try Scratch()
            let file = try scratch.path(
                of: "script.sql",
                text: """
                    CREATE TABLE notes (id int, title text); -- a ; in a comment
                    INSERT INTO notes VALUES (1, 'a;b'), (2, 'c');
                    DO $$ BEGIN RAISE NOTICE 'seen'; END $$;
                    SELECT id FROM notes ORDER BY id; SELECT title FROM notes ORDER BY id
                    """)
            let all = try await Self.query(["--format", "csv", "-f", file], run.environment)
            #expect(all.status == 0, "\(all.errors)")
            #expect(all.output == "id\n1\n2\n\ntitle\na;b\nc\n", "\(all.output)")
            #expect(all.complaints == "CREATE TABLE\nINSERT 0 2\nNOTICE: seen\nDO\n", "\(all.errors)")
            let evil = "'; DROP TABLE notes; --"
            let bound = try await Self.query(
                [
                    "--format", "json", "--param", evil, "--param", "2", "-c",
                    "SELECT $1 AS p, count(*) FROM notes WHERE id = $2",
                ],
                run.environment)
            #expect(bound.output == "[{\"p\":\"\(evil)\",\"count\":1}]\n", "\(bound.output)\(bound.errors)")
            let several = try await Self.query(["--param", "1", "-c", "SELECT 1", "-c", "SELECT $1"], run.environment)
            #expect(several.status == 1 && several.errors.contains("--param needs one statement"))
            let piped = try await CommandRun.run(
                "/bin/sh",
                [
                    "-c", "printf 'SELECT count(*) FROM notes' | \"$0\" query --format csv",
                    CommandRun.folder.path + "/lakebase",
                ],
                environment: run.environment)
            #expect(piped.status == 0 && piped.output == "count\n2\n", "\(piped.errors)")
        }
    }

    @Test("a failure names file, line and statement, ends the run, and leaves what came before it, or nothing")
    func failures() async throws {
        try await DevRun.with { run in
            let scratch = try Scratch()
            let text =
                "CREATE TABLE IF NOT EXISTS t (a int);\nINSERT INTO t VALUES (1);\n\nSELECT a,\n  nonsense\nFROM t;\nINSERT INTO t VALUES (2)"
            let file = try scratch.path(of: "bad.sql", text: text)
            func rows() async throws -> String {
                try await Self.query(["--format", "csv", "-c", "SELECT count(*) FROM t"], run.environment).output
            }
            let failed = try await Self.query(["-f", file], run.environment)
            #expect(failed.status == 1 && failed.errors.contains("\(file):5: "), "\(failed.errors)")
            #expect(failed.errors.contains("42703") && failed.errors.contains("      nonsense"), "\(failed.errors)")
            #expect(try await rows() == "count\n1\n")
            let whole = try await Self.query(["--single-transaction", "-f", file], run.environment)
            #expect(whole.status == 1 && whole.errors.contains("\(file):5: "))
            #expect(try await rows() == "count\n1\n")
            for (sql, words) in [
                ("SELECT 'open", "-c:1: the quoted text that begins here does not end"), ("\\dt", "psql"),
                (" ; -- nothing", "there is no statement"), ("COPY t FROM STDIN", "lakebase psql"),
                ("BEGIN; INSERT INTO t VALUES (3)", "left a transaction open"),
            ] {
                let wrong = try await Self.query(["-c", sql], run.environment)
                #expect(wrong.status == 1 && wrong.errors.contains(words), "\(sql): \(wrong.errors)")
            }
            #expect(try await rows() == "count\n1\n")
            let inner = try await Self.query(
                ["--single-transaction", "-c", "INSERT INTO t VALUES (4); COMMIT"], run.environment)
            #expect(inner.status == 1 && inner.errors.contains("COMMIT would end"), "\(inner.errors)")
            let guarded = try await Self.query(["--read-only", "-c", "INSERT INTO t VALUES (5)"], run.environment)
            #expect(guarded.status == 1 && guarded.errors.contains("25006"), "\(guarded.errors)")
            let missing = try await Self.query(["-f", scratch.path + "/none.sql"], run.environment)
            #expect(missing.status == 1 && missing.errors.contains("No such file"), "\(missing.errors)")
            #expect(try await rows() == "count\n1\n")
        }
    }

    @Test("a result without columns leaves nothing behind for the next")
    func withoutColumns() async throws {
        try await DevRun.with { run in
            let sql =
                "SELECT; SELECT 1 AS a; SELECT FROM generate_series(1, 3); SELECT 2 AS b WHERE false; SELECT 'x' AS c"
            for (format, text) in [
                ("table", " a\n---\n 1\n(1 row)\n\n b\n---\n(0 rows)\n\n c\n---\n x\n(1 row)\n"),
                ("json", "[{\"a\":1}]\n[]\n[{\"c\":\"x\"}]\n"), ("csv", "a\n1\n\nb\n\nc\nx\n"),
            ] {
                let all = try await Self.query(["--format", format, "-c", sql], run.environment)
                #expect(all.status == 0 && all.output == text, "\(format): \(all.output) \(all.errors)")
                #expect(all.complaints == "SELECT 1\nSELECT 3\n", "\(all.errors)")
            }
            // A result that fails half-way is the last one, and what it had is printed.
            let failed = try await Self.query(
                ["--format", "csv", "-c", "SELECT", "-c", "SELECT 1 / (2 - n) AS a FROM generate_series(1, 2) AS n"],
                run.environment)
            #expect(failed.status == 1 && failed.errors.contains("22012"), "\(failed.errors)")
            let names = try await Self.query(
                ["--format", "json", "-c", "SELECT 1 AS \"caf\u{E9}\", 2 AS \"cafe\u{301}\", 3 AS a, 4 AS a"],
                run.environment)
            #expect(
                names.output.utf8.elementsEqual("[{\"caf\u{E9}\":1,\"cafe\u{301}\":2,\"a\":3,\"a_2\":4}]\n".utf8),
                "\(names.output)")
        }
    }

    @Test("a script is taken apart as the server would, and one that is none is refused with what to do")
    func scripts() async throws {
        try await DevRun.with { run in
            let scratch = try Scratch()
            let file = try scratch.path(
                of: "mac.sql", text: "-- it's one\rSELECT 1 AS a;\r-- two;\rSELECT 'x' -- ; '\r '!' AS b;\r")
            let mac = try await Self.query(["--format", "csv", "-f", file], run.environment)
            #expect(mac.status == 0 && mac.output == "a\n1\n\nb\nx!\n", "\(mac.output) \(mac.errors)")
            for (text, words) in [
                ("SELECT 1;\nSET client_encoding = 'LATIN1';", ":2: texts are sent and read as UTF-8"),
                ("\\restrict x\nSELECT 1;", ":1: this is a dump for psql"),
                ("SELECT 1;\nCOPY t FROM stdin;\nit's\n\\.\n", ":2: this is a dump with rows behind COPY"),
                ("-- a\rBEGIN; SELECT 1", "left a transaction open"),
            ] {
                let file = try scratch.path(of: "wrong.sql", text: text)
                let wrong = try await Self.query(["-f", file], run.environment)
                #expect(wrong.status == 1 && wrong.errors.contains(words), "\(text): \(wrong.errors)")
            }
        }
    }

    @Test("a large result streams in little memory, and a reader that goes away ends the statement")
    func large() async throws {
        try await DevRun.with { run in
            let lakebase = CommandRun.folder.path + "/lakebase"
            let sql = "SELECT n, repeat('x', 1000) AS x FROM generate_series(1, 100000) AS n"
            for format in ["csv", "json", "table"] {
                let counted = try await CommandRun.run(
                    "/bin/sh",
                    [
                        "-c", "\"$0\" query --format \(format) -c \"$1\" | wc -l", lakebase,
                        sql.replacing("100000", with: "20000"),
                    ],
                    environment: run.environment)
                let lines = Int(counted.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
                #expect((20_000...20_003).contains(lines), "\(format): \(counted.output) \(counted.errors)")
            }
            // 100 MB of rows.
            let scratch = try Scratch()
            let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
            let process = try CommandRun.start(
                "lakebase", ["query", "--format", "csv", "-c", sql],
                environment: run.environment,
                output: output, errors: errors)
            var peak = 0
            while process.isRunning {
                let status =
                    (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
                let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
                peak = max(peak, line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0)
                try await Task.sleep(for: .milliseconds(5))
            }
            let said = try scratch.text("err")
            #expect(process.terminationStatus == 0, "\(said)")
            #expect(peak > 0 && peak < 90_000, "it took \(peak) kB")
            let head = try await CommandRun.run(
                "/bin/bash",
                [
                    "-c", "set -o pipefail; \"$0\" query --format csv -c \"$1\" | head -n 2", lakebase,
                    sql.replacing("100000", with: "100000000"),
                ],
                environment: run.environment)
            #expect(head.status == 141 && head.complaints == "" && head.output.hasPrefix("n,x\n1,x"), "\(head.errors)")
            try await Self.nothingRuns(run)
        }
    }

    @Test("signals cancel the statement on the server", arguments: [SIGINT, SIGTERM])
    func signals(signal: Int32) async throws {
        try await DevRun.with { run in
            let scratch = try Scratch()
            let (output, errors) = (try scratch.file("out"), try scratch.file("err"))
            let process = try CommandRun.start(
                "lakebase",
                ["query", "-c", "CREATE TABLE t (a int)", "-c", "SELECT pg_sleep(600)", "-c", "DROP TABLE t"],
                environment: run.environment, output: output, errors: errors)
            let session = try await run.connect()
            try await Self.wait {
                try await session.query("SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'").count
                    == 1
            }
            kill(process.processIdentifier, signal)
            try await process.ended()
            let said = try scratch.text("err")
            #expect(process.terminationStatus == 128 + signal, "\(said)")
            try await Self.nothingRuns(run)
            #expect(try await session.query("SELECT a FROM t").isEmpty)
            await session.close()
        }
    }

    @Test("wrong command lines have status 64, and help has examples and exit status")
    func arguments() async throws {
        for arguments in [
            ["-c", "SELECT 1", "-f", "x"], ["--format", "xml", "-c", "SELECT 1"], ["SELECT 1"],
            ["--branch", "a", "--endpoint", "b", "-c", "x"], ["--database", "", "-c", "x"],
        ] {
            let run = try await Self.query(arguments, [:])
            #expect(run.status == 64, "\(arguments): \(run.errors)")
        }
        for command in [
            "query", "psql", "env", "token", "branches create", "branches list", "branches get", "branches delete",
        ] {
            let help = try await CommandRun.run("lakebase", command.split(separator: " ").map(String.init) + ["--help"])
            #expect(
                help.status == 0 && help.output.contains("EXAMPLES") && help.output.contains("Exit status"),
                "\(command)")
        }
    }

    /// Until nobody's statement runs any more.
    static func nothingRuns(_ run: DevRun) async throws {
        let session = try await run.connect()
        try await Self.wait {
            try await session.query(
                "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).isEmpty
        }
        await session.close()
    }

    static func wait(within limit: Duration = .seconds(120), _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + limit
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, "it was never so")
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

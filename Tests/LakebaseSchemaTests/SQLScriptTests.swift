//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import SQLTokens
import TestSupport
import Testing

@testable import LakebaseSchema

@Suite("Scripts of SQL") struct SQLScriptTests {
    private func texts(_ text: String) throws -> [String] { try SQLScript(text).statements.map(\.text) }

    @Test(arguments: [
        ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]), ("", []), (" ;; \n ; ", []), ("-- nothing", []),
        ("SELECT 'a;b'; SELECT 'it''s; here'", ["SELECT 'a;b'", "SELECT 'it''s; here'"]),
        ("SELECT 'a\\'; SELECT 2", ["SELECT 'a\\'", "SELECT 2"]),
        ("SELECT E'a\\'; b'; SELECT 2", ["SELECT E'a\\'; b'", "SELECT 2"]),
        ("SELECT \"a;\"\"b\"; SELECT 2", ["SELECT \"a;\"\"b\"", "SELECT 2"]),
        ("SELECT 1 -- a; b\n; SELECT 2", ["SELECT 1 -- a; b", "SELECT 2"]),
        ("/* a; /* nested; */ ; */ SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("DO $$ BEGIN PERFORM 1; END $$; SELECT 2", ["DO $$ BEGIN PERFORM 1; END $$", "SELECT 2"]),
        ("SELECT $a$ ; $b$ ; $a$; SELECT 2", ["SELECT $a$ ; $b$ ; $a$", "SELECT 2"]),
        ("PREPARE p AS SELECT $1; SELECT $2", ["PREPARE p AS SELECT $1", "SELECT $2"]),
        ("SELECT a$b; SELECT a$b$c", ["SELECT a$b", "SELECT a$b$c"]),
        (
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3",
            [
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
                "SELECT 3",
            ]
        ),
        (
            "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2); SELECT 3",
            ["CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)", "SELECT 3"]
        ),
        ("SELECT 'é;ü'; SELECT \"ß\"", ["SELECT 'é;ü'", "SELECT \"ß\""]),
        ("-- a\rSELECT 1; -- b\rSELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT 1 -- a\r; SELECT 2 -- b\r\n; SELECT 3", ["SELECT 1 -- a", "SELECT 2 -- b", "SELECT 3"]),
        ("SELECT 'a'\n -- b'c\r '; d'; SELECT 2", ["SELECT 'a'\n -- b'c\r '; d'", "SELECT 2"]),
        ("SELECT 1 */* ; ' */ 2; SELECT 1 +-- ; '\n2", ["SELECT 1 */* ; ' */ 2", "SELECT 1 +-- ; '\n2"]),
        ("SELECT U&'\\0061;' UESCAPE '!'; SELECT 2", ["SELECT U&'\\0061;' UESCAPE '!'", "SELECT 2"]),
        ("SELECT a$$ FROM t; SELECT $$;$$", ["SELECT a$$ FROM t", "SELECT $$;$$"]),
        ("SELECT begin atomic FROM t; SELECT 2", ["SELECT begin atomic FROM t", "SELECT 2"]),
        (
            "CREATE FUNCTION begin() RETURNS int RETURN 1; SELECT 2",
            ["CREATE FUNCTION begin() RETURNS int RETURN 1", "SELECT 2"]
        ),
        (
            "CREATE OR REPLACE PROCEDURE p(begin atomic) BEGIN ATOMIC SELECT 1 AS end; SELECT 2 end; END; SELECT 3",
            [
                "CREATE OR REPLACE PROCEDURE p(begin atomic) BEGIN ATOMIC SELECT 1 AS end; SELECT 2 end; END",
                "SELECT 3",
            ]
        ),
    ])
    func `semicolons end statements where nothing hides them`(text: String, statements: [String]) throws {
        #expect(try self.texts(text) == statements)
    }

    @Test func `statements know their lines and first words`() throws {
        let windows = try SQLScript("-- one\r\n\r\nCREATE INDEX 'é'\r\n;select 1\r\n")
        #expect(windows.statements.map(\.line) == [3, 4])
        let script = try SQLScript("\n-- one\nCREATE  INDEX\n CONCURRENTLY \"x\" ON t (a);\n\n  select 1;\n")
        #expect(script.statements.map(\.line) == [3, 6])
        #expect(script.statements.map(\.words) == [["create", "index", "concurrently"], ["select"]])
    }

    @Test(arguments: [
        ("\n'abc", 2), ("\"abc", 1), ("SELECT 1;\n\n/* a", 3), ("SELECT $x$ a\n\n", 1), ("SELECT 1;\n\\i file", 2),
        ("SELECT E'a\\'", 1),
    ])
    func `what does not end is told with its line`(text: String, line: Int) {
        let problem = #expect(throws: SQLScript.Problem.self) { () throws in _ = try SQLScript(text) }
        #expect(problem?.line == line)
    }

    @Test(arguments: [
        ("-- dump\n\\restrict abc\nSELECT 1;", 2, "lakebase psql -f"),
        ("COPY t (a) FROM stdin;\n1\tit's\n\\N\n\\.\n", 1, "pg_dump --inserts"),
        ("SELECT 1;\nCOPY t FROM STDIN WITH (FORMAT csv);\nit's\n\\.\nSELECT 2;\n", 2, "lakebase psql -f"),
        ("SELECT 1 \\gexec", 1, "lakebase psql"),
    ])
    func `dumps and commands of psql are told for what they are`(text: String, line: Int, remedy: String) {
        let problem = #expect(throws: SQLScript.Problem.self) { () throws in _ = try SQLScript(text) }
        #expect(problem?.line == line && problem?.remedy.contains(remedy) == true, "\(String(describing: problem))")
    }

    @Test func `only a COPY over the connection is one, and only settings that change texts are refused`() throws {
        func first(_ text: String) throws -> SQLScript.Statement { try #require(try SQLScript(text).statements.first) }
        for text in ["COPY t FROM STDIN", "copy t (a, b) to /* x */ stdout", "COPY (SELECT 1) TO STDOUT WITH CSV"] {
            #expect(try first(text).movesRowsOverConnection, "\(text)")
        }
        for text in ["COPY t FROM '/from stdin'", "COPY (SELECT a FROM stdin) TO '/x'", "SELECT 1 FROM stdin"] {
            #expect(try !first(text).movesRowsOverConnection, "\(text)")
        }
        for text in [
            "SET client_encoding = 'LATIN1'", "set session \"client_encoding\" to sql_ascii", "SET NAMES 'LATIN1'",
            "SET LOCAL standard_conforming_strings = off", "SET standard_conforming_strings TO 'False'",
        ] {
            #expect(try first(text).refusedSetting != nil, "\(text)")
        }
        for text in [
            "SET client_encoding = 'UTF8'", "SET NAMES 'utf-8'", "SET standard_conforming_strings = on", "SET ROLE a",
            "SET client_encoding TO DEFAULT", "SET search_path = client_encoding", "SET", "SELECT 1",
        ] {
            #expect(try first(text).refusedSetting == nil, "\(text)")
        }
    }

    @Test func `a long text is read in a time that is proportional to its length`() throws {
        let piece = "INSERT INTO notes VALUES (1, 'it''s; a text', $$b$$); -- c\n/* d */ SELECT 2;\r\n"
        func seconds(_ count: Int) throws -> Double {
            let text = String(repeating: piece, count: count)
            return try processorTime { _ = try Migration(version: 1, name: "m", up: text) }
        }
        let (short, long) = (try seconds(200), try (0..<3).map { _ in try seconds(3200) }.min() ?? 0)
        #expect(long < short * 100 + 0.05, "\(short), \(long)")
    }

    @Test func `reading a migration takes the time of a few looks at its text`() throws {
        let piece =
            "INSERT INTO notes VALUES (1, 'it''s; a text'), (2, $$b$$); -- c\nCREATE TABLE t (a int);\n"
        let text = String(repeating: piece, count: 2000)
        // The least of three: what else the machine does only makes it more.
        func least(_ body: () throws -> Void) rethrows -> Double {
            try (0..<3).map { _ in try processorTime(of: body) }.min() ?? 0
        }
        let look = least {
            var bytes = 0
            for token in SQLTokens(text) { bytes += token.range.count }
            #expect(bytes == text.utf8.count)
        }
        let reading = try least { _ = try Migration(version: 1, name: "m", up: text) }
        #expect(reading < look * 10, "\(reading) s, where one look takes \(look) s")
    }

    @Test func `any text is taken apart or refused, and nothing is lost`() throws {
        let pieces = [
            "'", "\"", "$$", "$a$", "--", "/*", "*/", ";", "\n", "E'", "\\", "(", ")", "begin atomic ", "end ", "x",
            "é",
        ]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            let text = (0..<12).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            guard let script = try? SQLScript(text) else { continue }
            var rest = text[...]
            for statement in script.statements {
                let range = try #require(rest.range(of: statement.text), "\(text)")
                rest = rest[range.upperBound...]
            }
        }
    }
}

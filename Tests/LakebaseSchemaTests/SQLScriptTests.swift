//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
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
    ])
    func `semicolons end statements where nothing hides them`(text: String, statements: [String]) throws {
        #expect(try self.texts(text) == statements)
    }

    @Test func `statements know their lines and first words`() throws {
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

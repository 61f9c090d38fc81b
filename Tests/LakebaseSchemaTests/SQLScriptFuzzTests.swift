//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Lakebase
import Testing

@testable import LakebaseSchema

/// Scripts at random, run by the server as a whole and statement by statement as they are taken apart here.
///
/// `LAKEBASE_FUZZ_ROUNDS` says how many.
@Suite("Scripts of SQL against PostgreSQL", .serialized, .timeLimit(.minutes(60)))
struct SQLScriptFuzzTests {
    private static let rounds = ProcessInfo.processInfo.environment["LAKEBASE_FUZZ_ROUNDS"].flatMap(Int.init) ?? 5000

    @Test func `a script is split where the server splits it`() async throws {
        try await SchemaFixture.with { fixture in
            try await fixture.client { client in
                try await client.withConnection { connection in
                    let server = FuzzedServer(connection: connection)
                    try await server.prepare()
                    var (accepted, statements) = (0, 0)
                    for round in 0..<Self.rounds {
                        var generator = ScriptGenerator(seed: UInt64(round))
                        let script = generator.script()
                        let (whole, parts) = (try await server.whole(script), try await server.parts(script))
                        try #require(whole == parts, "round \(round): \(Array(script.utf8)) \(script)")
                        accepted += whole == nil ? 0 : 1
                        statements += whole?.count ?? 0
                    }
                    // Scripts that are refused as a whole show little.
                    #expect(accepted > Self.rounds / 3, "\(accepted)")
                    print("\(Self.rounds) scripts, \(accepted) accepted, with \(statements) values")
                }
            }
        }
    }
}

/// A session that says which values the statements of a script took.
private struct FuzzedServer {
    let connection: PQConnection

    func prepare() async throws {
        try await self.connection.execute(
            script: #"""
                CREATE FUNCTION pg_temp.take(value text) RETURNS text LANGUAGE sql VOLATILE AS $$
                SELECT set_config('fuzz.taken', current_setting('fuzz.taken') || E'\x01' || coalesce(value, 'null'), false)
                $$;
                SET fuzz.taken = ''; SET client_min_messages = error; SET escape_string_warning = off
                """#)
    }

    /// The values when the server takes the script apart; nil when it refuses it.
    func whole(_ script: String) async throws -> [String]? {
        try await self.values { try await self.connection.execute(script: script) }
    }

    /// The values when each statement is sent by itself.
    func parts(_ script: String) async throws -> [String]? {
        guard let statements = try? SQLScript(script).statements else { return nil }
        return try await self.values {
            for statement in statements { try await self.connection.execute(script: statement.text) }
        }
    }

    private func values(_ body: () async throws -> Void) async throws -> [String]? {
        var taken: String?
        do {
            try await body()
            taken = try await self.connection.query("SELECT current_setting('fuzz.taken')").decode(String.self).first
        } catch let error as PQError where error.code == .server {
            taken = nil
        }
        // A word that begins a transaction can have become a statement of its own.
        if await self.connection.transactionStatus != .idle { await self.connection.rollback() }
        try await self.connection.execute(script: "SET fuzz.taken = ''")
        return taken.map { $0.unicodeScalars.split(separator: "\u{1}").map { String($0) } }
    }
}

/// Makes scripts whose comments, quotes and operators try to hide semicolons.
private struct ScriptGenerator {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed &* 0x9E37_79B9_7F4A_7C15 }

    private mutating func next(_ count: Int) -> Int {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((word ^ (word >> 31)) % UInt64(count))
    }

    private mutating func pick(_ choices: [String]) -> String { choices[self.next(choices.count)] }

    mutating func script() -> String {
        var text = self.space()
        for _ in 0...self.next(4) {
            text += self.statement() + self.space() + ";" + self.space()
            if self.next(8) == 0 { text += ";" }
        }
        if self.next(4) == 0 { text += self.statement() }
        // A script in which something is wrong must be wrong both ways, and not right in another way.
        for _ in 0..<[0, 0, 0, 0, 1, 2][self.next(6)] { text = self.mutated(text) }
        return text
    }

    private mutating func statement() -> String {
        switch self.next(24) {
        case 0:
            let end = self.pick(["END", "end", "End"])
            return "CREATE OR REPLACE FUNCTION pg_temp.f() RETURNS text LANGUAGE sql" + self.gap() + "BEGIN"
                + self.gap()
                + "ATOMIC" + self.gap() + self.body() + self.body() + end + ";" + self.space()
                + "SELECT pg_temp.take(pg_temp.f())"
        case 1: return "SELECT" + self.gap() + "pg_temp.take(CASE WHEN true THEN \(self.text()) END)" + self.label()
        case 2: return "DO" + self.gap() + self.dollars("BEGIN PERFORM pg_temp.take('in;do'); END")
        case 3: return "SELECT pg_temp.take(" + self.text() + "), pg_temp.take((" + self.text() + ")::text)"
        case _:
            return self.pick(["SELECT", "select", "VALUES ("]) == "VALUES ("
                ? "VALUES (pg_temp.take(\(self.expression())))"
                : "SELECT" + self.gap() + "pg_temp.take(" + self.expression() + ")" + self.label()
        }
    }

    private mutating func body() -> String {
        self.pick(["SELECT ", "SELECT CASE WHEN true THEN 'a;' END || "]) + self.text() + "::text"
            + self.pick(["", " AS end", " end", " AS \"end;\"", " case"]) + self.space() + ";" + self.space()
    }

    private mutating func label() -> String {
        self.pick([
            "", "", "", " AS \"a;b\"", " AS \"a\"\"';\"", " AS a$b$", " AS U&\"\\0061;\"", " begin", " AS atomic",
            " AS e",
        ])
    }

    private mutating func expression() -> String {
        switch self.next(5) {
        case 0: self.text() + self.space() + "||" + self.space() + self.text()
        case 1:
            "(" + self.number() + self.space()
                + self.pick(["+", "-", "*", "=", "<", ">=", "<>", "+-", "*-", "=-", "%"])
                + self.space() + self.number() + ")::text"
        case 2: "(" + self.space() + self.text() + self.space() + ")"
        case _: self.text()
        }
    }

    private mutating func number() -> String {
        self.pick([
            "1", "1.5", ".5", "1.", "1e2", "1e+2", "007", "- 1", "+1", "2", "30", "4.25", "5e-1",
            self.pick(["0x1", "1_0", "1a", "1..2", "@-1", "1e"]),
        ])
    }

    private mutating func text() -> String {
        let text = self.content()
        switch self.next(14) {
        case 0...3: return "'" + text.replacing("'", with: "''") + "'"
        case 4: return self.dollars(text)
        case 5: return self.dollars(text)
        case 6: return self.pick(["E'", "e'"]) + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
        case 7:
            return "E'" + text.replacing("\\", with: "\\\\").replacing("'", with: "''")
                + self.pick(["\\x41", "\\101", "\\\\", "\\'", "\\n"]) + "'"
        case 8: return "U&'" + text.replacing("\\", with: "\\\\").replacing("'", with: "''") + "\\0041'"
        case 9:
            return "U&'!0041" + text.replacing("!", with: "!!").replacing("'", with: "''") + "'" + self.gap()
                + "UESCAPE" + self.space() + "'!'"
        case 10: return self.pick(["B'01'::text", "X'1F'::text", "b'1'\n'0'::text", "x'a' -- ;\r'b'::text"])
        case 11:
            return "'a" + text.replacing("'", with: "''") + "'" + self.lineEnd() + "'" + text.replacing("'", with: "''")
                + "'"
        case 12: return "N'" + text.replacing("'", with: "''") + "'"
        case _:
            return self.pick([
                "E'a\\'' -- '\n'\\';'", "'\\'", "''", "''''", "$$$$", "$a$$$a$", "$a$$a$a$", "'a' 'b'", "E'\\\n'",
            ])
        }
    }

    private mutating func dollars(_ text: String) -> String {
        let tag = self.pick(["$$", "$a$", "$é$", "$_1$", "$A$"])
        return text.contains(tag) || (text + "$").contains(tag + "$") || text.hasSuffix("$")
            ? "$zz$\(text);$zz$" : tag + text + tag
    }

    private mutating func content() -> String {
        (0..<self.next(4)).map { _ in
            self.pick([
                ";", "'", "\"", "--", "/*", "*/", "$$", "$a$", "\\", "\n", "\r", "\r\n", "a", "é", "E'",
                "BEGIN ATOMIC ",
                " END", "(", ")", "$", "!", " ", "\t", "U&'", "e\u{301}",
            ])
        }.joined()
    }

    private mutating func lineEnd() -> String {
        self.pick(["\n", "\r", "\r\n", " \n ", "\t\r", " -- it's;\n", "\n-- a\r", "-- a\r\n\n", "\n\u{C}\n", " ", ""])
    }

    private mutating func gap() -> String { self.pick([" ", "\n", "\r", "/**/"]) + self.space() }

    private mutating func space() -> String {
        switch self.next(10) {
        case 0...4: ""
        case 5: self.pick([" ", "\t", "\n", "\r", "\r\n", "\u{C}"])
        case 6, 7:
            "--" + self.content().filter { $0 != "\n" && $0 != "\r" && $0 != "\r\n" } + self.pick(["\n", "\r", "\r\n"])
        case _: self.comment(2)
        }
    }

    private mutating func comment(_ depth: Int) -> String {
        var text = "/*" + self.pick(["", "*", "/", " ;", " '", "\"", "$$", "--", "\r", "+", "**"])
        if depth > 0, self.next(3) == 0 { text += self.comment(depth - 1) }
        // So that no end is made of one that was only content.
        return text + self.pick(["", "*", ";", "'", "\n", "$a$", "+", "-"]) + "*/"
    }

    private mutating func mutated(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        let index = self.next(scalars.count + 1)
        let piece = self.pick([
            "'", "\"", "$", "$$", "-", "--", "/", "*", "/*", "*/", "\\", ";", "(", ")", "\n", "\r", "E", "U&", "a", "1",
            "é", "END",
        ])
        switch self.next(3) {
        case 0 where index < scalars.count: scalars.remove(at: index)
        case 1 where index < scalars.count: scalars.replaceSubrange(index...index, with: Array(piece.unicodeScalars))
        case _: scalars.insert(contentsOf: Array(piece.unicodeScalars), at: index)
        }
        return String(String.UnicodeScalarView(scalars))
    }
}

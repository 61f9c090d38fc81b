//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import SQLTokens
import Testing

@Suite("Interpolation")
struct InterpolationTests {
    @Test func `values become numbered parameters`() {
        let (name, age) = ("O'Brien", 7)
        let query: PQQuery = "SELECT \(name), \(age), \(nil as Int?) FROM \(identifier: "t") \(unescaped: "LIMIT 1")"
        #expect(query.sql == "SELECT $1, $2, $3 FROM \"t\" LIMIT 1")
        #expect(query.bindings.count == 3)
        #expect("\(query)" == query.sql)
        #expect(!String(reflecting: query.description).contains("O'Brien"))
    }

    @Test(arguments: [
        "'; DROP TABLE victims; --", "' OR '1'='1", "$1", "\\'; SELECT 1", "\"", "1); DELETE FROM victims",
    ])
    func `an injected value stays a value`(attack: String) async throws {
        try await withConnection { connection in
            try await connection.execute(
                script: "CREATE TEMP TABLE victims (name text); INSERT INTO victims VALUES ('ann')")
            #expect(try await connection.query("SELECT 1 FROM victims WHERE name = \(attack)").isEmpty)
            try await connection.query("INSERT INTO victims VALUES (\(attack))")
            let names = try await connection.query("SELECT name FROM victims ORDER BY name = 'ann' DESC").decode(
                String.self)
            #expect(names == ["ann", attack])
        }
    }

    @Test(arguments: ["plain", "With Space", "quote\"d", "\"; DROP TABLE x; --", "Großes", "select", "a.b"])
    func `an identifier of any spelling names one thing`(name: String) async throws {
        try await withConnection { connection in
            try await connection.query("CREATE TEMP TABLE \(identifier: name) (\(identifier: name) int)")
            let found = try await connection.cell(
                "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relname = \(name) AND attname = \(name)",
                as: Int.self)
            #expect(found >= 1)
        }
    }

    @Test func `a NUL is refused in values, texts, scripts and identifiers`() async throws {
        try await withConnection { connection in
            let value = try await pqError { try await connection.query("SELECT \("a\0b")") }
            let text = try await pqError { try await connection.query(PQQuery(unsafeSQL: "SELECT 1\0; SELECT 2")) }
            let script = try await pqError { try await connection.execute(script: "SELECT 1\0") }
            let element = try await pqError { try await connection.query("SELECT \(["a\0b"])") }
            // Without the NUL it would be the name of something else.
            let name = try await pqError { try await connection.query("SELECT 1 AS \(identifier: "a\0b")") }
            for error in [value, text, script, element, name] {
                #expect(error.code == .unsupported)
                #expect(error.message.contains("NUL"))
            }
            #expect(PQQuery.quoteIdentifier("a\0b").utf8.contains(0))
            #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
        }
    }

    @Test func `texts and names in quotes are for the server what they were, whatever standard_conforming_strings is`()
        async throws
    {
        try await withConnection { connection in
            let texts = [
                "", "o'hara", #"a\b"#, #"\'"#, #"'\'; DROP TABLE x; --"#, "\n\r\t", "caf\u{E9}", "cafe\u{301}",
                "$$ /* \"",
                #"\\\"#, "\u{1F41D}",
            ]
            for setting in ["on", "off"] {
                try await connection.execute(script: "SET standard_conforming_strings = \(setting)")
                for text in texts {
                    let literal = try #require(SQLQuoting.literal(text))
                    let rows = try await connection.query(PQQuery(unsafeSQL: "SELECT \(literal)::text"))
                    let found = try rows.decode(String.self)
                    #expect(found.map { Array($0.utf8) } == [Array(text.utf8)], "\(literal), \(setting)")
                    guard !text.isEmpty else { continue }
                    let named = try await connection.query(
                        "SELECT to_jsonb(x)::text FROM (SELECT 1 AS \(identifier: text)) AS x")
                    let json = try #require(try named.decode(String.self).first)
                    let keys = try JSONDecoder().decode([String: Int].self, from: Data(json.utf8)).keys.map {
                        Array($0.utf8)
                    }
                    #expect(keys == [Array(text.utf8)], "\(text), \(setting)")
                }
            }
        }
    }

    @Test func `65535 parameters work and one more is an error that leaves the connection usable`() async throws {
        try await withConnection { connection in
            func query(_ count: Int) -> PQQuery {
                var bindings = PQBindings()
                for index in 0..<count { bindings.append(Int32(index)) }
                let list = (1...count).map { "($\($0))" }.joined(separator: ",")
                return PQQuery(unsafeSQL: "SELECT sum(x) FROM (VALUES \(list)) AS v(x)", bindings: bindings)
            }
            #expect(try await connection.cell(query(65535), as: Int.self) == 65535 * 65534 / 2)
            let error = try await pqError { try await connection.query(query(65536)) }
            #expect(error.code == .unsupported)
            #expect(error.message.contains("65535"))
            #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
        }
    }
}

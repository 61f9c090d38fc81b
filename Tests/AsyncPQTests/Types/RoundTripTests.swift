//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

/// Sends a value, has the server cast it to `type`, and reads it back, together with the server's text for it.
private func roundTrip<Value: PQEncodable & PQDecodable>(
    _ value: Value, as type: String, on connection: PQConnection
) async throws -> (value: Value, text: String?) {
    let rows = try await connection.query(
        "SELECT v, v::text FROM (SELECT \(value)::\(unescaped: type) AS v) AS s")
    return try #require(rows.first).decode((Value, String?).self)
}

@Suite("Round trips")
struct RoundTripTests {
    @Test func `integers keep their limits`() async throws {
        try await withConnection { connection in
            for value in [Int16.min, -1, 0, 1, .max] {
                let result = try await roundTrip(value, as: "smallint", on: connection)
                #expect(result == (value, String(value)))
            }
            for value in [Int32.min, -1, 0, 1, .max] {
                let result = try await roundTrip(value, as: "integer", on: connection)
                #expect(result == (value, String(value)))
            }
            for value in [Int64.min, -1, 0, 1, .max] {
                let result = try await roundTrip(value, as: "bigint", on: connection)
                #expect(result == (value, String(value)))
            }
            for value in [Int.min, -1, 0, 1, .max] {
                let result = try await roundTrip(value, as: "bigint", on: connection)
                #expect(result == (value, String(value)))
            }
            #expect(try await connection.cell("SELECT 4294967295::oid", as: Int.self) == 4_294_967_295)
        }
    }

    @Test func `narrow integers are read as wide ones and wide ones only if they fit`() async throws {
        try await withConnection { connection in
            #expect(try await connection.cell("SELECT 7::smallint", as: Int.self) == 7)
            #expect(try await connection.cell("SELECT 32767::bigint", as: Int16.self) == 32767)
            let error = try await pqError { try await connection.cell("SELECT 32768::bigint", as: Int16.self) }
            #expect(error.code == .decodingFailed)
            #expect(error.message.contains("out of range"))
        }
    }

    @Test func `floating point keeps every bit, also infinities, not-a-number and minus nought`() async throws {
        try await withConnection { connection in
            let doubles = [
                0, -0.0, 0.1, .pi, .infinity, -.infinity, .nan, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
            ]
            for value in doubles {
                let result = try await roundTrip(value, as: "double precision", on: connection)
                #expect(result.value.bitPattern == value.bitPattern || value.isNaN && result.value.isNaN)
            }
            for value in [0, -0.0, 0.1, Float.infinity, .nan, .greatestFiniteMagnitude, .leastNonzeroMagnitude] {
                let result = try await roundTrip(value, as: "real", on: connection)
                #expect(result.value.bitPattern == value.bitPattern || value.isNaN && result.value.isNaN)
            }
            #expect(try await connection.cell("SELECT 1.5::real", as: Double.self) == 1.5)
        }
    }

    @Test func `booleans and UUIDs`() async throws {
        try await withConnection { connection in
            #expect(try await roundTrip(true, as: "boolean", on: connection) == (true, "true"))
            #expect(try await roundTrip(false, as: "boolean", on: connection) == (false, "false"))
            for _ in 0..<20 {
                let id = UUID()
                let result = try await roundTrip(id, as: "uuid", on: connection)
                #expect(result == (id, id.uuidString.lowercased()))
            }
        }
    }

    @Test(arguments: [
        "", " ", "a", "'", "\\", "$1", "grüße 🐘 \u{1F469}\u{200D}\u{1F680}", "line\nfeed\r\t", "e\u{301}",
    ])
    func `text comes back byte for byte`(text: String) async throws {
        try await withConnection { connection in
            let result = try await roundTrip(text, as: "text", on: connection)
            #expect(result.text == text)
            #expect(Array(result.value.utf8) == Array(text.utf8))
            let length = try await connection.cell("SELECT octet_length(\(text)::text)", as: Int.self)
            #expect(length == text.utf8.count)
        }
    }

    @Test func `text fits every type that a literal in quotes fits`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE t (u uuid, j jsonb, d date, i inet, n numeric)")
            try await connection.query(
                """
                INSERT INTO t VALUES (\("6f1c1b5e-4b46-4a5b-8d0e-0d9d8f3f2a10"), \("{\"a\": 1}"), \("2024-02-29"), \
                \("10.0.0.1"), \("1.50"))
                """)
            let row = try #require(try await connection.query("SELECT j, n::text, i::text FROM t").first)
            #expect(try row.decode((String, String, String).self) == ("{\"a\": 1}", "1.50", "10.0.0.1/32"))
        }
    }

    @Test func `bytes of every value and no bytes at all`() async throws {
        try await withConnection { connection in
            let all = Data((0...255).map { UInt8($0) })
            #expect(try await roundTrip(all, as: "bytea", on: connection).value == all)
            #expect(try await roundTrip(Data(), as: "bytea", on: connection) == (Data(), "\\x"))
            let pair = try await connection.query("SELECT \(Data())::bytea, \(Data([1]))::bytea, \(Data())::bytea")
            #expect(try #require(pair.first).decode((Data, Data, Data).self) == (Data(), Data([1]), Data()))
        }
    }

    @Test func `NULL is nil for every type and an error for one that is not optional`() async throws {
        try await withConnection { connection in
            func check<Value: PQEncodable & PQDecodable & Equatable>(_ type: Value.Type, _ sql: String) async throws {
                let none: Value? = nil
                #expect(try await roundTrip(none, as: sql, on: connection).value == nil, "\(type)")
                let error = try await pqError {
                    try await connection.cell("SELECT NULL::\(unescaped: sql)", as: Value.self)
                }
                #expect(error.message.contains("NULL"), "\(error)")
            }
            try await check(Int16.self, "smallint")
            try await check(Int32.self, "integer")
            try await check(Int64.self, "bigint")
            try await check(Int.self, "bigint")
            try await check(Float.self, "real")
            try await check(Double.self, "double precision")
            try await check(Bool.self, "boolean")
            try await check(String.self, "text")
            try await check(UUID.self, "uuid")
            try await check(Data.self, "bytea")
            try await check(Date.self, "timestamptz")
            try await check(Decimal.self, "numeric")
            try await check([Int].self, "bigint[]")
            try await check(PQJSON<[Int]>.self, "jsonb")
        }
    }

    @Test func `JSON values travel as json and as jsonb`() async throws {
        struct Event: Codable, Hashable, Sendable {
            var name: String
            var tags: [String]
        }
        try await withConnection { connection in
            let event = Event(name: "it's \"quoted\" 🐘", tags: ["a", ""])
            #expect(try await roundTrip(PQJSON(event), as: "jsonb", on: connection).value.value == event)
            #expect(try await roundTrip(PQJSON(event), as: "json", on: connection).value.value == event)
            #expect(try await connection.cell("SELECT '{\"a\":1}'::jsonb", as: String.self) == "{\"a\": 1}")
            let error = try await pqError {
                try await connection.cell("SELECT '{\"secret\": 1}'::jsonb", as: PQJSON<Event>.self)
            }
            #expect(error.code == .decodingFailed)
            #expect(!error.message.contains("secret"), "the document is not quoted: \(error)")
        }
    }

    @Test func `raw values stand for their cases`() async throws {
        enum Mood: String, PQEncodable, PQDecodable { case sad, happy }
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TYPE pg_temp.mood AS ENUM ('sad', 'happy', 'odd')")
            #expect(try await roundTrip(Mood.happy, as: "pg_temp.mood", on: connection) == (.happy, "happy"))
            let error = try await pqError { try await connection.cell("SELECT 'odd'::pg_temp.mood", as: Mood.self) }
            #expect(error.message.contains("Mood"))
        }
    }

    @Test func `texts whose binary form begins with a version are read without it`() async throws {
        try await withConnection { connection in
            #expect(try await connection.cell("SELECT '$.a[1]'::jsonpath", as: String.self) == "$.\"a\"[1]")
            #expect(try await connection.cell("SELECT ARRAY['1'::jsonb]", as: [String].self) == ["1"])
            let isInstalled =
                try await connection.cell(
                    "SELECT count(*) FROM pg_available_extensions WHERE name IN ('ltree', 'citext')", as: Int.self) == 2
            guard isInstalled else { return }
            // In a transaction that is rolled back, since other tests use the database too.
            struct Done: Error {}
            await #expect(throws: Done.self) {
                try await connection.withTransaction { connection in
                    try await connection.query("CREATE SCHEMA trees")
                    try await connection.query("CREATE EXTENSION ltree SCHEMA trees")
                    try await connection.query("CREATE EXTENSION citext SCHEMA trees")
                    try await connection.query("SET LOCAL search_path TO trees, public")
                    #expect(
                        try await connection.cell("SELECT 'Top.Science_1.Physics'::ltree", as: String.self)
                            == "Top.Science_1.Physics")
                    #expect(try await connection.cell("SELECT ''::ltree", as: String.self) == "")
                    #expect(try await connection.cell("SELECT ARRAY['a.b'::ltree]", as: [String].self) == ["a.b"])
                    #expect(
                        try await connection.cell("SELECT 'Top.*{1,2}.!a@|b%'::lquery", as: String.self)
                            == "Top.*{1,2}.!a@|b%")
                    #expect(
                        try await connection.cell("SELECT 'Europe & !(Asia@ | b*)'::ltxtquery", as: String.self)
                            == "Europe & !( Asia@ | b* )")
                    #expect(try await connection.cell("SELECT 'Plain'::citext", as: String.self) == "Plain")
                    throw Done()
                }
            }
        }
    }
}

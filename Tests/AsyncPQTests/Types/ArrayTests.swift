//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

@Suite("Arrays")
struct ArrayTests {
    private func check<Value: PQEncodable & PQDecodable & Equatable>(
        _ value: [Value], _ type: String, text: String, on connection: PQConnection
    ) async throws {
        let rows = try await connection.query("SELECT v, v::text FROM (SELECT \(value)::\(unescaped: type) AS v) AS s")
        let (back, shown) = try #require(rows.first).decode(([Value], String).self)
        #expect(back == value)
        #expect(shown == text)
    }

    @Test func `elements of every type, empty ones and NULLs among them`() async throws {
        try await withConnection { connection in
            try await self.check([Int]([]), "bigint[]", text: "{}", on: connection)
            try await self.check([1, -2, Int.max], "bigint[]", text: "{1,-2,9223372036854775807}", on: connection)
            try await self.check([Int32(7)], "integer[]", text: "{7}", on: connection)
            try await self.check([Int16(7)], "smallint[]", text: "{7}", on: connection)
            try await self.check([1, nil, 3], "bigint[]", text: "{1,NULL,3}", on: connection)
            try await self.check([Int?.none], "bigint[]", text: "{NULL}", on: connection)
            try await self.check(["", "a,b", "\"", "NULL"], "text[]", text: #"{"","a,b","\"","NULL"}"#, on: connection)
            try await self.check(["x", nil], "text[]", text: "{x,NULL}", on: connection)
            try await self.check([true, false], "boolean[]", text: "{t,f}", on: connection)
            try await self.check([1.5, -.infinity], "double precision[]", text: "{1.5,-Infinity}", on: connection)
            try await self.check([Data(), Data([255])], "bytea[]", text: #"{"\\x","\\xff"}"#, on: connection)
            let id = UUID()
            try await self.check([id], "uuid[]", text: "{\(id.uuidString.lowercased())}", on: connection)
        }
    }

    @Test func `an array is one parameter for ANY`() async throws {
        try await withConnection { connection in
            let ids = [2, 4, 9]
            let rows = try await connection.query("SELECT g FROM generate_series(1, 5) g WHERE g = ANY(\(ids))")
            #expect(try rows.decode(Int.self) == [2, 4])
        }
    }

    @Test func `a thousand elements`() async throws {
        try await withConnection { connection in
            let values = (0..<1000).map { "value \($0)" }
            let back = try await connection.cell(
                "SELECT array_agg(x ORDER BY n) FROM unnest(\(values)::text[]) WITH ORDINALITY AS u(x, n)",
                as: [String].self)
            #expect(back == values)
        }
    }

    @Test func `two dimensions, and a NULL where none is expected, are errors that say so`() async throws {
        try await withConnection { connection in
            let square = try await pqError {
                try await connection.cell("SELECT '{{1,2},{3,4}}'::int[]", as: [Int].self)
            }
            #expect(square.message.contains("2 dimensions"))
            let null = try await pqError { try await connection.cell("SELECT '{1,NULL}'::int[]", as: [Int].self) }
            #expect(null.message.contains("an array with a NULL; read its elements as Int?"), "\(null)")
            let scalar = try await pqError { try await connection.cell("SELECT 1", as: [Int].self) }
            #expect(scalar.code == .decodingFailed)
        }
    }

    @Test func `what is no array of numbers is not read as one`() async throws {
        let values = [
            "'00000000-0000-0000-0000-000000000000'::uuid", "interval '0'", "point(0, 0)",
            "decode(repeat('00', 12), 'hex')", "decode(repeat('00', 20), 'hex')",
            "decode('000000000000000000000014', 'hex')", "'{}'::jsonb", "'[]'::jsonb", "ROW()",
            "'infinity'::timestamptz", "0::numeric", "int4range(1, 2)",
        ]
        try await withConnection { connection in
            for sql in values {
                let error = try await pqError {
                    try await connection.cell("SELECT \(unescaped: sql)", as: [Int].self)
                }
                #expect(error.code == .decodingFailed, "\(sql): \(error)")
            }
        }
    }

    @Test func `the catalog's own arrays and vectors, and arrays of a type of one's own, are read`() async throws {
        enum Mood: String, PQEncodable, PQDecodable { case sad, happy }
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TYPE pg_temp.mood AS ENUM ('sad', 'happy')")
            for _ in 0..<3 {
                let moods = [Mood.happy, .sad]
                #expect(try await connection.cell("SELECT \(moods)::pg_temp.mood[]", as: [Mood].self) == moods)
            }
            #expect(try await connection.cell("SELECT '{}'::pg_temp.mood[]", as: [Mood].self) == [])
            #expect(try await connection.cell("SELECT '1 2'::int2vector", as: [Int].self) == [1, 2])
            #expect(try await connection.cell("SELECT ARRAY['a'::name]", as: [String].self) == ["a"])
            // But for those whose elements have no binary form.
            let types = try await connection.query(
                """
                SELECT format_type(a.oid, NULL) FROM pg_type AS a JOIN pg_type AS e ON e.oid = a.typelem
                WHERE a.typcategory = 'A' AND a.oid < 10000 AND a.typinput = 'array_in'::regproc AND e.typsend <> 0
                """
            ).decode(String.self)
            #expect(types.count > 70)
            for type in types {
                let empty = try await connection.cell("SELECT '{}'::\(unescaped: type)", as: [Int].self)
                #expect(empty == [], "\(type)")
            }
        }
    }

    @Test func `an array of an enumeration goes where one of its database's type is wanted, without a cast`()
        async throws
    {
        enum Mood: String, PQEncodable, PQDecodable, Decodable { case sad, happy }
        struct Held: Decodable { let moods: [Mood] }
        enum Plain: String, Decodable { case sad, happy }
        struct PlainHeld: Decodable { let moods: [Plain] }
        try await withConnection { connection in
            try await connection.execute(
                script: """
                    CREATE TYPE pg_temp.mood AS ENUM ('sad', 'happy');
                    CREATE TEMP TABLE felt (moods pg_temp.mood[], mood pg_temp.mood DEFAULT 'sad', texts text[])
                    """)
            for _ in 0..<4 {
                let moods = [Mood.happy, .sad]
                try await connection.query("INSERT INTO felt (moods, texts) VALUES (\(moods), \(moods))")
                let found = try await connection.query(
                    "SELECT moods FROM felt WHERE mood = ANY(\(moods)) AND texts = \(moods)")
                let back: [[Mood]] = try found.decode([Mood].self)
                #expect(back.last == moods)
            }
            // Once its types were looked up, it stays prepared.
            let prepared = try await connection.query("SELECT statement FROM pg_prepared_statements").decode(
                String.self)
            #expect(prepared.contains { $0.hasPrefix("INSERT INTO felt") }, "\(prepared)")
            let rows = try await connection.query("SELECT ARRAY['sad', NULL]::pg_temp.mood[] AS moods")
            for error in [
                try await pqError { try rows.decode([Mood].self) }, try await pqError { try rows.decode(Held.self) },
            ] {
                #expect(error.message.contains("read its elements as Mood?"), "\(error)")
            }
            let plain = try await pqError { try rows.decode(PlainHeld.self) }
            #expect(plain.message.contains("read its elements as Plain?"), "\(plain)")
        }
    }

    @Test
    func `decimals, dates and JSON travel in arrays, and an array of arrays of different lengths is refused by name`()
        async throws
    {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE held (n numeric[], j jsonb[], js json[])")
            let numbers = [Decimal(string: "1.50"), nil, Decimal(string: "-12345678901234567890.123")]
            let documents = [PQJSON(["it's \"quoted\" \\ {}": 1]), PQJSON([:])]
            for _ in 0..<3 {
                try await connection.query("INSERT INTO held VALUES (\(numbers), \(documents), \(documents))")
            }
            for row in try await connection.query("SELECT * FROM held") {
                let (n, j, js) = try row.decode(([Decimal?], [PQJSON<[String: Int]>], [PQJSON<[String: Int]>]).self)
                #expect(n == numbers && j == documents && js == documents)
            }
            let error = try await pqError { try await connection.query("SELECT \([[1, 2], [3]])") }
            #expect(error.code == .unsupported && error.message.contains("array of arrays"), "\(error)")
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import TestSupport
import Testing

@Suite("COPY of Swift values", .sharesTheMachine)
struct CopyRowsTests {
    private enum Color: String, PQEncodable, PQDecodable { case red, green }

    private static let table = """
        CREATE TYPE pg_temp.color AS ENUM ('red', 'green');
        CREATE DOMAIN pg_temp.score AS integer CHECK (VALUE > 0);
        CREATE TEMP TABLE kinds (
            i2 smallint, i4 integer, i8 bigint, s pg_temp.score, f4 real, f8 double precision, n numeric, t text,
            v varchar(5), c pg_temp.color, j json, jb jsonb, u uuid, b bytea, o boolean, ts timestamp, tz timestamptz,
            d date, a integer[], ta text[], iv interval, ip inet, g integer GENERATED ALWAYS AS (1) STORED)
        """

    @Test(arguments: [Way.socket, .tls])
    func `values of every kind go in and come out`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            try await connection.execute(script: Self.table)
            let id = UUID()
            let date = Date(timeIntervalSince1970: 1_700_000_000.25)
            let event = PQJSON(["a": 1])
            let count = try await connection.copyIn(table: "kinds") { writer in
                try await writer.row(
                    7, 7, 7, 7, Float(1.5), Float(1.5), Decimal(12.5), "a\nb", "äöü", Color.green, event, event, id,
                    Data([0, 1, 255]), true, date, date, date, [Int32(1), 2], ["a", nil] as [String?],
                    Duration.seconds(90), nil as PQInet?)
                try await writer.row(
                    Int16?.none, Int?.none, Int?.none, Int?.none, Float?.none, Double?.none, Decimal?.none,
                    String?.none, String?.none, Color?.none, PQJSON<[Int]>?.none, PQJSON<[Int]>?.none, UUID?.none,
                    Data?.none, Bool?.none, Date?.none, Date?.none, Date?.none, [Int32]?.none, [String]?.none,
                    Duration?.none, PQInet?.none)
            }
            #expect(count == 2)
            try await connection.execute(script: "SET timezone = 'UTC'")
            let texts = try await connection.cell(
                """
                SELECT concat_ws('|', i2, i4, i8, s, f4, f8, n, t, v, c, j, jb, b, o, ts, tz, d, a, ta, iv, ip, g)
                FROM kinds WHERE i2 IS NOT NULL
                """, as: String.self)
            #expect(
                texts
                    == #"""
                    7|7|7|7|1.5|1.5|12.5|a
                    b|äöü|green|{"a":1}|{"a": 1}|\x0001ff|t|2023-11-14 22:13:20.25|2023-11-14 22:13:20.25+00|2023-11-14|{1,2}|{a,NULL}|00:01:30|1
                    """#)
            let nulls = try await connection.cell(
                """
                SELECT num_nulls(i2, i4, i8, s, f4, f8, n, t, v, c, j, jb, u, b, o, ts, tz, d, a, ta, iv, ip)
                FROM kinds WHERE i2 IS NULL
                """, as: Int.self)
            #expect(nulls == 22)
            var found: [(Int32, String?, UUID?, Date?, Color?)] = []
            for try await row in connection.copyOut(
                "SELECT coalesce(i4, 0), t, u, tz, c FROM kinds ORDER BY i4",
                as: (Int32, String?, UUID?, Date?, Color?).self)
            {
                found.append(row)
            }
            #expect(found.count == 2)
            let (first, last) = (try #require(found.first), try #require(found.last))
            #expect(first == (7, "a\nb", id, date, .green) && last == (0, nil, nil, nil, nil))
        }
    }

    @Test func `a value that does not fit is an error that names column and types, and its row is not written`()
        async throws
    {
        try await withConnection { connection in
            try await connection.execute(script: Self.table)
            let count = try await connection.copyIn(table: "kinds", columns: ["i8", "i4", "u", "d", "n", "b"]) {
                writer in
                func refusal<each Value: PQEncodable>(_ values: repeat each Value) async throws -> String {
                    try await pqError { try await writer.row(repeat each values) }.message
                }
                let id = UUID()
                let date = Date()
                let data = Data([1])
                try await writer.row(1, 1, id, date, Decimal(1), data)
                let text = try await refusal("1", 1, id, date, Decimal(1), data)
                #expect(text.contains("\"i8\" (bigint) of \"kinds\"") && text.contains("String"), "\(text)")
                let range = try await refusal(1, Int(Int32.max) + 1, id, date, Decimal(1), data)
                #expect(range.contains("\"i4\" (integer)") && range.contains("range"), "\(range)")
                let uuid = try await refusal(1, 1, id.uuidString, date, Decimal(1), data)
                #expect(uuid.contains("\"u\" (uuid)"), "\(uuid)")
                let day = try await refusal(1, 1, id, 3, Decimal(1), data)
                #expect(day.contains("\"d\" (date)") && day.contains("Int (bigint)"), "\(day)")
                let float = try await refusal(1, 1, id, date, 1.5, data)
                #expect(float.contains("\"n\" (numeric)") && float.contains("double precision"), "\(float)")
                let few = try await refusal(1, 1)
                #expect(few.contains("2 values") && few.contains("i8, i4, u, d, n, b"), "\(few)")
                try await writer.row(Int32(2), Int16(-2), id, Date.distantFuture, Decimal(1), data)
            }
            #expect(count == 2)
            let rows = try await connection.query("SELECT i8, i4, d::text FROM kinds ORDER BY i8")
                .decode((Int, Int, String).self)
            #expect(rows.count == 2 && rows[1] == (2, -2, "infinity"))
            let missing = try await pqError {
                try await connection.copyIn(table: "kinds", columns: ["I8"]) { try await $0.row(1) }
            }
            #expect(missing.message.contains("\"I8\"") && missing.message.contains("i2, i4"))
            let table = try await pqError { try await connection.copyIn(table: "Kinds") { try await $0.row(1) } }
            #expect(table.sqlState == .undefinedTable)
        }
    }

    @Test func `a value that the server refuses undoes all rows`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: Self.table)
            let error = try await pqError {
                try await connection.copyIn(table: "kinds", columns: ["s"]) { writer in
                    for score in 1...1000 { try await writer.row(score == 500 ? -1 : score) }
                }
            }
            #expect(error.sqlState == .checkViolation, "\(error)")
            let count = try await connection.cell("SELECT count(*) FROM kinds", as: Int.self)
            #expect(count == 0)
        }
    }

    @Test(.loadsTheMachine)
    func `many rows go in and out in order, and a loop can be left early`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE many (n bigint, t text)")
            let count = try await connection.copyIn(table: "many", columns: ["n", "t"]) { writer in
                for number in 0..<200_000 { try await writer.row(number, "text \(number)") }
            }
            #expect(count == 200_000)
            var next: Int64 = 0
            for try await (number, text) in connection.copyOut(
                "SELECT n, t FROM many ORDER BY n", as: (Int64, String).self)
            {
                if number != next || text != "text \(next)" { Issue.record("row \(next) is \(number) \(text)") }
                next += 1
            }
            #expect(next == 200_000)
            for try await (number, _) in connection.copyOut("TABLE many", as: (Int64, String).self) where number == 100
            {
                break
            }
            let works = try await connection.cell("SELECT 1", as: Int.self)
            #expect(works == 1)
        }
    }

    @Test func `a row that does not fit the types is an error that names the column`() async throws {
        try await withConnection { connection in
            let columns = try await pqError {
                for try await _ in connection.copyOut("SELECT 1, 2", as: (Int, Int, Int).self) {}
            }
            #expect(columns.message.contains("2 columns"))
            let null = try await pqError {
                for try await _ in connection.copyOut(
                    "SELECT nullif(n, 3) AS n FROM generate_series(0, 5) n", as: (Int).self)
                {}
            }
            #expect(null.message.contains("\"n\" (integer) of row 3") && null.message.contains("NULL"), "\(null)")
            let works = try await connection.cell("SELECT 1", as: Int.self)
            #expect(works == 1)
        }
    }

    @Test func `a session whose encoding was changed does not copy text in binary form`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE notes (t text); SET client_encoding = 'LATIN1'")
            let error = try await pqError { try await connection.copyIn(table: "notes") { try await $0.row("ä") } }
            #expect(error.message.contains("RESET client_encoding"))
            let count = try await connection.copyIn(table: "notes", format: .csv) { try await $0.write("ä\n") }
            try await connection.execute(script: "RESET client_encoding")
            let text = try await connection.cell("SELECT t FROM notes", as: String.self)
            #expect(count == 1 && text == "ä")
        }
    }
}

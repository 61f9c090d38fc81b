//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

/// An `Int` is of the type that the server takes the same number for in the text of a query.
@Suite("Integers as parameters")
struct IntegerParameterTests {
    private enum Level: Int, PQEncodable { case low = 2 }

    /// Each three times: the second prepares, the third uses what was prepared.
    @Test(arguments: [Way.socket, .tls])
    func `functions and operators that take integer only take an Int`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            let (n, none) = (2, Int?.none)
            for _ in 0..<3 {
                let texts: [(PQQuery, String?)] = [
                    ("SELECT make_interval(days => \(n))::text", "2 days"),
                    ("SELECT (date '2024-01-01' + \(n))::text", "2024-01-03"),
                    ("SELECT ('[1, 2, 3]'::jsonb -> \(n))::text", "3"),
                    ("SELECT left('abc', \(n))", "ab"), ("SELECT substr('abc', \(n))", "bc"),
                    ("SELECT repeat('a', \(n))", "aa"), ("SELECT round(1.256, \(n))::text", "1.26"),
                    ("SELECT chr(\(n + 63))", "A"), ("SELECT lpad('a', \(n), '-')", "-a"),
                    ("SELECT (ARRAY['a', 'b'])[\(n)]", "b"), ("SELECT left('abc', \(n as Int?))", "ab"),
                    ("SELECT left('abc', \(Level.low))", "ab"), ("SELECT left('abc', \(none as Int?))", nil),
                    ("SELECT pg_typeof(\(n))::text", "integer"), ("SELECT pg_typeof(\(none as Int?))::text", "integer"),
                    ("SELECT pg_typeof(\(Int(Int32.max)))::text", "integer"),
                    ("SELECT pg_typeof(\(Int(Int32.max) + 1))::text", "bigint"),
                    ("SELECT pg_typeof(\(Int(Int32.min) - 1))::text", "bigint"),
                    ("SELECT pg_typeof(\(Int64(1)))::text", "bigint"), ("SELECT pg_typeof(\([n]))::text", "bigint[]"),
                ]
                for (query, expected) in texts {
                    let found = try await connection.cell(query, as: String?.self)
                    #expect(found == expected, "\(query.sql)")
                }
            }
        }
    }

    @Test func `columns of all integer types hold what was bound, small and large in turn`() async throws {
        try await withConnection { connection in
            try await connection.execute(
                script: "CREATE TEMP TABLE held (n bigint PRIMARY KEY, s smallint, i int, f float8, d numeric)")
            let values = [0, -1, Int(Int32.max), Int(Int32.max) + 1, Int.max, 5, Int.min, Int(Int32.min)]
            for value in values {
                try await connection.query("INSERT INTO held (n, f, d) VALUES (\(value), \(value), \(value))")
                #expect(try await connection.cell("SELECT n FROM held WHERE n = \(value)") == value)
                #expect(try await connection.cell("SELECT d FROM held WHERE d = \(value)") == value)
            }
            #expect(
                try await connection.query("SELECT n FROM held ORDER BY n").decode(Int.self) == values.sorted())
            try await connection.query("UPDATE held SET s = \(7), i = \(8) WHERE n = ANY(\(values))")
            let sums = try await connection.query("SELECT sum(s), sum(i) FROM held")
            #expect(try sums[0].decode((Int, Int).self) == (7 * 8, 8 * 8))
            let error = try await pqError { try await connection.query("UPDATE held SET i = \(Int.max)") }
            #expect(error.sqlState == .numericValueOutOfRange)
        }
    }

    @Test func `an index on a bigint is used for an Int of either type`() async throws {
        try await withConnection { connection in
            try await connection.execute(
                script:
                    "CREATE TEMP TABLE keyed (n bigint PRIMARY KEY); SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan"
            )
            for value in [1, Int.max] {
                let plan = try await connection.query("EXPLAIN SELECT FROM keyed WHERE n = \(value)").decode(
                    String.self)
                #expect(plan.joined().contains("Index Cond"), "\(plan)")
            }
        }
    }
}

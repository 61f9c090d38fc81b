//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

@Suite("Rows")
struct RowTests {
    @Test func `rows are read by tuple, by position and by name`() async throws {
        try await withConnection { connection in
            let rows = try await connection.query(
                "SELECT g AS id, 'n' || g AS name, NULLIF(g, 2) AS maybe FROM generate_series(1, 3) g")
            #expect(rows.count == 3)
            #expect(rows.affectedRows == 3)
            #expect(rows.commandTag == "SELECT 3")
            #expect(rows.columns.map(\.name) == ["id", "name", "maybe"])
            #expect(rows.columns.map(\.dataType) == [.int4, .text, .int4])
            let tuples = try rows.decode((Int, String, Int?).self)
            #expect(tuples.map(\.0) == [1, 2, 3])
            #expect(tuples.map(\.1) == ["n1", "n2", "n3"])
            #expect(tuples.map(\.2) == [1, nil, 3])
            #expect(try rows[1].decode(String.self, at: 1) == "n2")
            #expect(try rows[1].decode(Int?.self, named: "maybe") == nil)
            let inferred: Int = try rows[2].decode(named: "id")
            #expect(inferred == 3)
        }
    }

    @Test func `names are compared exactly and the first of two equal ones counts`() async throws {
        try await withConnection { connection in
            let row = try #require(try await connection.query(#"SELECT 1 AS a, 2 AS a, 3 AS "A", 4 AS "a b""#).first)
            #expect(try row.decode(Int.self, named: "a") == 1)
            #expect(try row.decode(Int.self, named: "A") == 3)
            #expect(try row.decode(Int.self, named: "a b") == 4)
            let error = try await pqError { try row.decode(Int.self, named: "b") }
            #expect(error.message.contains("\"b\""))
            #expect(error.message.contains("a, a, A, a b"))
        }
    }

    @Test func `a column is found by the bytes of its name, whatever Unicode takes for equivalent`() async throws {
        try await withConnection { connection in
            let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
            let row = try #require(
                try await connection.query("SELECT 1 AS \(identifier: decomposed), 2 AS \(identifier: composed)").first)
            #expect(try row.decode(Int.self, named: composed) == 2)
            #expect(try row.decode(Int.self, named: decomposed) == 1)
            let one = try #require(try await connection.query("SELECT 1 AS \(identifier: decomposed)").first)
            #expect(try await pqError { try one.decode(Int.self, named: composed) }.code == .decodingFailed)
            #expect(try await pqError { try one.decode(Int.self, named: "cafe\u{301}\0") }.code == .decodingFailed)
        }
    }

    @Test func `a wrong number of types or a wrong position is an error`() async throws {
        try await withConnection { connection in
            let rows = try await connection.query("SELECT 1, 2")
            let row = try #require(rows.first)
            for error in [
                try await pqError { try row.decode((Int, Int, Int).self) },
                try await pqError { try row.decode(Int.self) },
                try await pqError { try rows.decode(Int.self) },
                try await pqError { try row.decode(Int.self, at: 2) },
                try await pqError { try row.decode(Int.self, at: -1) },
            ] {
                #expect(error.code == .decodingFailed)
                #expect(error.message.contains("2"))
            }
        }
    }

    @Test func `a decoding error names row, column and both types`() async throws {
        try await withConnection { connection in
            let rows = try await connection.query(
                "SELECT g AS id, NULLIF('x' || g, 'x3') AS label FROM generate_series(1, 4) g")
            let null = try await pqError { try rows.decode((Int, String).self) }
            for part in ["row 2", "column 1", "\"label\"", "text", "String", "NULL"] {
                #expect(null.message.contains(part), "\(part) in \(null)")
            }
            let mismatch = try await pqError { try rows.decode((Bool, String?).self) }
            for part in ["row 0", "column 0", "\"id\"", "integer", "Bool"] {
                #expect(mismatch.message.contains(part), "\(part) in \(mismatch)")
            }
        }
    }

    @Test func `a type without a binary form is read as text, and so are the columns beside it`() async throws {
        try await withConnection { connection in
            let query: PQQuery =
                "SELECT 42 AS n, '{tester=r/tester}'::aclitem[] AS acl, true, 'x', 1.5::float8, NULL::int"
            for _ in 0..<4 {
                let (number, acl, flag, text, double, none) = try await connection.query(query)[0]
                    .decode((Int, String, Bool, String, Double, Int?).self)
                #expect(
                    number == 42 && acl == "{tester=r/tester}" && flag && text == "x" && double == 1.5 && none == nil)
            }
            // In a transaction it cannot be run again, but it is known there.
            let other: PQQuery = "SELECT 'tester=r/tester'::aclitem"
            let error = try await pqError { try await connection.withTransaction { try await $0.query(other) } }
            #expect(error.sqlState == .undefinedFunction)
            try await connection.withTransaction { connection in
                let text = try await connection.cell(other, as: String.self)
                #expect(text == "tester=r/tester")
                #expect(try await connection.query(query).count == 1)
            }
        }
    }

    @Test func `no rows, no columns and no statement`() async throws {
        try await withConnection { connection in
            #expect(try await connection.query("SELECT 1 WHERE false").isEmpty)
            #expect(try await connection.query("SELECT").columns.isEmpty)
            #expect(try await connection.query("").isEmpty)
            let created = try await connection.query("CREATE TEMP TABLE t (a int)")
            #expect(created.isEmpty)
            #expect(created.affectedRows == 0)
            #expect(try await connection.query("INSERT INTO t SELECT generate_series(1, 5)").affectedRows == 5)
            #expect(try await connection.query("UPDATE t SET a = a + 1 WHERE a > 3").affectedRows == 2)
            #expect(try await connection.query("DELETE FROM t").commandTag == "DELETE 5")
        }
    }

    @Test func `rows outlive their connection`() async throws {
        let rows = try await withConnection { try await $0.query("SELECT g, 'x' FROM generate_series(1, 100) g") }
        #expect(try rows.decode((Int, String).self).map(\.0).reduce(0, +) == 5050)
    }

    @Test func `a type whose binary form is not its text is not read as a string`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TYPE pg_temp.pair AS (a int, b int)")
            for sql in ["SELECT 1", "SELECT now()", "SELECT '{1}'::int[]", "SELECT ROW(1, 2)::pg_temp.pair"] {
                let error = try await pqError { try await connection.cell(PQQuery(unsafeSQL: sql), as: String.self) }
                #expect(error.code == .decodingFailed, "\(sql)")
                #expect(error.message.contains("cast"), "\(error)")
            }
        }
    }
}

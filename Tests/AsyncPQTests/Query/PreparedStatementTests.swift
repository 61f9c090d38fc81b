//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

@Suite("Prepared statements")
struct PreparedStatementTests {
    /// What the server has prepared for this session, the question itself not counted.
    private func prepared(_ connection: PQConnection) async throws -> [String] {
        try await connection.query(
            "SELECT statement FROM pg_prepared_statements WHERE statement NOT LIKE '%pg_prepared%' ORDER BY prepare_time"
        ).decode(String.self)
    }

    @Test func `a text used once is not prepared and one used often is prepared once`() async throws {
        try await withConnection { connection in
            for id in 0..<5 {
                let sum = try await connection.cell("SELECT \(id) + 1", as: Int.self)
                #expect(sum == id + 1)
            }
            #expect(try await connection.cell("SELECT 'once'", as: String.self) == "once")
            #expect(try await self.prepared(connection) == ["SELECT $1 + 1"])
        }
    }

    @Test func `the same text with another type of value is right too`() async throws {
        try await withConnection { connection in
            for round in 0..<3 {
                let number = try await connection.cell("SELECT \(round)::text", as: String.self)
                #expect(number == "\(round)")
                #expect(try await connection.cell("SELECT \(1.5)::text", as: String.self) == "1.5")
                #expect(try await connection.cell("SELECT \("x")::text", as: String.self) == "x")
            }
        }
    }

    @Test func `statements beyond the capacity are given back to the server`() async throws {
        try await withConnection(change: { $0.statementCacheCapacity = 4 }) { connection in
            for number in 0..<40 {
                let query = PQQuery(unsafeSQL: "SELECT \(number)")
                for _ in 0..<3 {
                    let answer = try await connection.cell(query, as: Int.self)
                    #expect(answer == number)
                }
            }
            #expect(try await self.prepared(connection).count <= 5)
        }
    }

    @Test func `a capacity of nought prepares nothing`() async throws {
        try await withConnection(change: { $0.statementCacheCapacity = 0 }) { connection in
            for _ in 0..<5 { try await connection.query("SELECT 1") }
            #expect(try await self.prepared(connection).isEmpty)
        }
    }

    @Test func `a change of schema under a prepared statement goes unnoticed`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1)")
            for _ in 0..<3 { #expect(try await connection.query("SELECT * FROM t").columns.count == 1) }
            try await connection.query("ALTER TABLE t ADD b text DEFAULT 'x'")
            for _ in 0..<3 { #expect(try await connection.query("SELECT * FROM t").columns.count == 2) }
            try await connection.query("ALTER TABLE t ALTER a TYPE bigint")
            for _ in 0..<3 {
                #expect(try await connection.query("SELECT * FROM t").columns.map(\.dataType) == [.int8, .text])
            }
        }
    }

    @Test(arguments: ["DEALLOCATE ALL", "DISCARD ALL"])
    func `statements dropped behind the cache are prepared again`(command: String) async throws {
        try await withConnection { connection in
            for _ in 0..<3 { try await connection.query("SELECT 'kept'") }
            try await connection.query(PQQuery(unsafeSQL: command))
            for _ in 0..<3 { #expect(try await connection.cell("SELECT 'kept'", as: String.self) == "kept") }
            try await connection.execute(script: command)
            for _ in 0..<3 { #expect(try await connection.cell("SELECT 'kept'", as: String.self) == "kept") }
            // Also where an error would cost the whole transaction.
            try await connection.query(PQQuery(unsafeSQL: "DEALLOCATE ALL"))
            try await connection.withTransaction { connection in
                for _ in 0..<3 {
                    let answer = try await connection.cell("SELECT 'kept'", as: String.self)
                    #expect(answer == "kept")
                }
            }
        }
    }

    @Test func `a script that failed half way leaves no wrong idea of what is prepared`() async throws {
        try await withConnection { connection in
            for _ in 0..<3 { try await connection.query("SELECT 'kept'") }
            _ = try await pqError { try await connection.execute(script: "COMMIT; DEALLOCATE ALL; SELECT 1/0") }
            try await connection.withTransaction { connection in
                let found = try await connection.cell("SELECT 'kept'", as: String.self)
                #expect(found == "kept")
            }
        }
    }

    @Test func `scripts between queries do not pile up statements on the server`() async throws {
        try await withConnection { connection in
            for _ in 0..<20 {
                for _ in 0..<3 { try await connection.query("SELECT 'again'") }
                try await connection.execute(script: "SET work_mem = '8MB'")
            }
            #expect(try await self.prepared(connection).count == 1)
        }
    }

    @Test func `a statement evicted in a transaction does not break it`() async throws {
        try await withConnection(change: { $0.statementCacheCapacity = 2 }) { connection in
            for _ in 0..<2 { try await connection.query("SELECT 'a'") }
            // The server forgets, the cache does not know: it happens inside a function.
            try await connection.query("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
            try await connection.withTransaction { connection in
                for text in ["SELECT 'b'", "SELECT 'c'", "SELECT 'd'"] {
                    for _ in 0..<2 { try await connection.query(PQQuery(unsafeSQL: text)) }
                }
            }
        }
    }

    @Test func `an error in a prepared statement leaves it and the connection usable`() async throws {
        try await withConnection { connection in
            for _ in 0..<3 { #expect(try await connection.cell("SELECT 10 / \(5)", as: Int.self) == 2) }
            let error = try await pqError { try await connection.query("SELECT 10 / \(0)") }
            #expect(error.sqlState == .divisionByZero)
            #expect(try await connection.cell("SELECT 10 / \(5)", as: Int.self) == 2)
        }
    }
}

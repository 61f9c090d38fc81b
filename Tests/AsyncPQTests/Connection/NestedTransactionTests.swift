//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

private struct Refusal: Error {}

@Suite("Transactions within transactions", .serialized)
struct NestedTransactionTests {
    private func withTable(_ body: (PQConnection) async throws -> Void) async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE t (a int PRIMARY KEY)")
            try await body(connection)
            #expect(await connection.transactionStatus == .idle)
        }
    }

    private func rows(_ connection: PQConnection) async throws -> [Int] {
        try await connection.query("SELECT a FROM t ORDER BY a").decode(Int.self)
    }

    private func insert(_ value: Int, _ connection: PQConnection) async throws {
        try await connection.query("INSERT INTO t VALUES (\(Int32(value)))")
    }

    @Test func `an inner one that fails takes back what it did and nothing else`() async throws {
        try await self.withTable { connection in
            try await connection.withTransaction { connection in
                try await self.insert(1, connection)
                await #expect(throws: Refusal.self) {
                    try await connection.withTransaction { connection in
                        try await self.insert(2, connection)
                        throw Refusal()
                    }
                }
                let error = try await pqError { try await connection.withTransaction { try await self.insert(1, $0) } }
                #expect(error.sqlState == .uniqueViolation)
                #expect(await connection.transactionStatus == .inTransaction)
                try await self.insert(3, connection)
            }
            #expect(try await self.rows(connection) == [1, 3])
        }
    }

    @Test func `an inner one that succeeds commits nothing`() async throws {
        try await self.withTable { connection in
            await #expect(throws: Refusal.self) {
                try await connection.withTransaction { connection in
                    try await self.insert(1, connection)
                    let value = try await connection.withTransaction { connection in
                        try await self.insert(2, connection)
                        return "inner"
                    }
                    #expect(value == "inner")
                    #expect(await connection.transactionStatus == .inTransaction)
                    throw Refusal()
                }
            }
            let rows = try await self.rows(connection)
            #expect(rows == [])
        }
    }

    @Test func `they nest as deep as one likes, and each goes back to its own beginning`() async throws {
        try await self.withTable { connection in
            func nest(_ depth: Int, _ connection: PQConnection) async throws {
                try await connection.withTransaction { connection in
                    try await self.insert(depth, connection)
                    if depth < 6 { try? await nest(depth + 1, connection) }
                    if depth == 4 { throw Refusal() }
                }
            }
            try await nest(1, connection)
            #expect(try await self.rows(connection) == [1, 2, 3])
        }
    }

    @Test(arguments: [true, false])
    func `a transaction that was begun by hand is not ended by one within it`(fails: Bool) async throws {
        try await self.withTable { connection in
            try await connection.query("BEGIN")
            try await self.insert(1, connection)
            try? await connection.withTransaction { connection in
                try await self.insert(2, connection)
                if fails { throw Refusal() }
            }
            #expect(await connection.transactionStatus == .inTransaction)
            #expect(try await self.rows(connection) == (fails ? [1] : [1, 2]))
            await connection.rollback()
            #expect(try await self.rows(connection) == [])
        }
    }

    @Test func `an inner failure that the body swallowed is an error of the inner one only`() async throws {
        try await self.withTable { connection in
            try await connection.withTransaction { connection in
                try await self.insert(1, connection)
                let error = try await pqError {
                    try await connection.withTransaction { connection in
                        try await self.insert(2, connection)
                        _ = try? await connection.query("SELECT 1/0")
                    }
                }
                #expect(error.sqlState == .inFailedSqlTransaction)
                try await self.insert(3, connection)
            }
            #expect(try await self.rows(connection) == [1, 3])
        }
    }

    @Test func `in a transaction that has failed none can begin`() async throws {
        try await self.withTable { connection in
            try await connection.query("BEGIN")
            _ = try? await connection.query("SELECT 1/0")
            let error = try await pqError {
                try await connection.withTransaction { _ in Issue.record("the body ran") }
            }
            #expect(error.sqlState == .inFailedSqlTransaction)
            await connection.rollback()
        }
    }

    @Test func `an isolation level of an inner one is refused before anything runs`() async throws {
        try await self.withTable { connection in
            try await connection.withTransaction { connection in
                let error = try await pqError {
                    try await connection.withTransaction(isolation: .serializable) { _ in Issue.record("the body ran") }
                }
                #expect(error.code == .unsupported && error.message.contains("outermost"))
                try await self.insert(1, connection)
            }
            #expect(try await self.rows(connection) == [1])
        }
    }

    @Test func `read only is for the inner one alone`() async throws {
        try await self.withTable { connection in
            try await connection.withTransaction { connection in
                let error = try await pqError {
                    try await connection.withTransaction(readOnly: true) {
                        try await $0.query("CREATE TABLE never (a int)")
                    }
                }
                #expect(error.sqlState == .readOnlySqlTransaction)
                try await connection.withTransaction(readOnly: true) { _ = try await self.rows($0) }
                #expect(try await connection.cell("SHOW transaction_read_only", as: String.self) == "off")
            }
        }
    }

    @Test(arguments: [false, true])
    func `settings of an inner one end with it, and those of the outer one hold again`(fails: Bool) async throws {
        try await self.withTable { connection in
            func show(_ connection: PQConnection) async throws -> [String?] {
                try await connection.query(
                    """
                    SELECT current_setting('app.user', true), current_setting('app.inner', true),
                        current_setting('statement_timeout')
                    """
                ).first.map { row in try (0..<3).map { try row.decode(String?.self, at: $0) } } ?? []
            }
            try await connection.withTransaction(settings: ["app.user": "ann", "statement_timeout": "7s"]) {
                connection in
                try? await connection.withTransaction(
                    settings: ["app.user": "bob", "app.inner": "yes", "statement_timeout": "9s"]
                ) { connection in
                    #expect(try await show(connection) == ["bob", "yes", "9s"])
                    try? await connection.withTransaction(settings: ["app.user": "cy"]) { connection in
                        #expect(try await show(connection) == ["cy", "yes", "9s"])
                        if fails { throw Refusal() }
                    }
                    #expect(try await show(connection) == ["bob", "yes", "9s"])
                    if fails { throw Refusal() }
                }
                let after = try await show(connection)
                #expect(after[0] == "ann" && (after[1] ?? "") == "" && after[2] == "7s")
            }
            let after = try await show(connection)
            #expect((after[0] ?? "") == "" && after[2] == "0")
        }
    }

    @Test func `a cancelled inner one is rolled back, and its outer one can go on`() async throws {
        try await self.withTable { connection in
            try await connection.withTransaction { connection in
                try await self.insert(1, connection)
                let task = Task {
                    try await connection.withTransaction { connection in
                        try await self.insert(2, connection)
                        try await connection.query("SELECT pg_sleep(60)")
                    }
                }
                try await eventually { await connection.transactionStatus == .active }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                try await self.insert(3, connection)
            }
            #expect(try await self.rows(connection) == [1, 3])
        }
    }

    @Test func `a transaction that the inner body ended by hand is not taken for kept`() async throws {
        try await self.withTable { connection in
            await #expect(throws: PQError.self) {
                try await connection.withTransaction { connection in
                    try await connection.withTransaction { connection in _ = try await connection.query("ROLLBACK") }
                }
            }
        }
    }

    @Test func `one that has not ended keeps its outer one from being committed`() async throws {
        try await self.withTable { connection in
            let (begun, signal) = AsyncStream<Void>.makeStream()
            let (go, end) = AsyncStream<Void>.makeStream()
            var inner: Task<Void, any Error>?
            let error = try await pqError {
                try await connection.withTransaction { connection in
                    try await self.insert(1, connection)
                    inner = Task {
                        try await connection.withTransaction { _ in
                            signal.finish()
                            for await _ in go {}
                        }
                    }
                    for await _ in begun {}
                }
            }
            #expect(error.code == .unsupported && error.message.contains("a connection each"))
            end.finish()
            await #expect(throws: (any Error).self) { try await inner?.value }
            #expect(try await self.rows(connection) == [])
        }
    }

    @Test func `a loop that is left early at the end of an inner one keeps nothing from being kept`() async throws {
        try await self.withTable { connection in
            for round in 0..<20 {
                try await connection.withTransaction { connection in
                    try await connection.withTransaction { connection in
                        try await self.insert(round, connection)
                        if round % 2 == 0 {
                            for try await _ in connection.stream("SELECT generate_series(1, 10000000)") { break }
                        } else {
                            for try await _ in connection.copyOut("COPY (SELECT 1) TO STDOUT") { break }
                        }
                    }
                }
            }
            #expect(try await self.rows(connection) == Array(0..<20))
        }
    }
}

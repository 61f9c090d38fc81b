//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization
import Testing

@Suite("Rows as they come")
struct StreamTests {
    private struct Enough: Error {}

    @Test(arguments: Way.allCases)
    func `all rows come, in order, in text form, and the end has columns and tag`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            let seen = Mutex<[String]>([])
            let end = try await connection.stream(
                "SELECT n, n % 2 = 0 AS even FROM generate_series(1, \(50_000)) AS n", format: .text
            ) { rows in
                for row in rows {
                    let text = try row.decode(String.self, at: 0)
                    seen.withLock { $0.append(text) }
                }
            }
            let expected = (1...50_000).map { "\($0)" }
            #expect(seen.withLock { $0 } == expected)
            #expect(end.commandTag == "SELECT 50000" && end.isEmpty)
            #expect(end.columns.map(\.name) == ["n", "even"])
            #expect(end.columns.map(\.dataType) == [.int4, .bool])
        }
    }

    @Test func `binary form is read as any other result, and no rows are no rows`() async throws {
        try await withConnection { connection in
            let sum = Mutex(0)
            let add: @Sendable (PQRows) throws -> Void = { rows in
                for row in rows {
                    let number = try row.decode(Int.self, at: 0)
                    sum.withLock { $0 += number }
                }
            }
            try await connection.stream("SELECT n FROM generate_series(1, 100) AS n", add)
            #expect(sum.withLock { $0 } == 5050)
            let none = try await connection.stream("SELECT 1 AS one WHERE false", add)
            #expect(none.columns.map(\.name) == ["one"] && sum.withLock { $0 } == 5050)
            let change = try await connection.stream("CREATE TEMP TABLE streamed (a int)", add)
            #expect(change.columns.isEmpty && change.commandTag == "CREATE TABLE")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what the reader throws ends the statement on the server, and the connection goes on`() async throws {
        try await withConnection { connection in
            let rows = Mutex(0)
            await #expect(throws: Enough.self) {
                // It would take an hour.
                try await connection.stream("SELECT n, pg_sleep(0.001) FROM generate_series(1, 3600000) AS n") { part in
                    for _ in part
                    where rows.withLock({
                        $0 += 1; return $0
                    }) == 20 {
                        throw Enough()
                    }
                }
            }
            #expect(rows.withLock { $0 } == 20)
            let next = try await connection.cell("SELECT 7", as: Int.self)
            #expect(next == 7)
        }
    }

    @Test func `a failure half-way is thrown after the rows before it`() async throws {
        try await withConnection { connection in
            let rows = Mutex(0)
            let error = await #expect(throws: PQError.self) {
                try await connection.stream("SELECT 1 / (1000 - n) FROM generate_series(1, 2000) AS n") { part in
                    rows.withLock { $0 += part.count }
                }
            }
            #expect(error?.sqlState == .divisionByZero && rows.withLock { $0 } == 999)
            let next = try await connection.cell("SELECT 8", as: Int.self)
            #expect(next == 8)
        }
    }

    @Test func `a cancelled task stops the statement`() async throws {
        try await withConnection { connection in
            let rows = Mutex(0)
            let task = Task {
                try await connection.stream("SELECT n, pg_sleep(0.001) FROM generate_series(1, 3600000) AS n") { _ in
                    rows.withLock { $0 += 1 }
                }
            }
            try await eventually { rows.withLock { $0 } > 0 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await connection.cell("SELECT 9", as: Int.self) == 9)
        }
    }

    @Test func `a cancelled task stops a statement whose rows are always at hand`() async throws {
        try await withConnection { connection in
            let rows = Mutex(0)
            let task = Task {
                // A terabyte.
                try await connection.stream("SELECT generate_series(1, 1000000000), repeat('x', 1000)") {
                    part in
                    rows.withLock { $0 += part.count }
                }
            }
            try await eventually { rows.withLock { $0 } > 0 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await connection.cell("SELECT 9", as: Int.self) == 9)
        }
    }

    @Test func `another query waits for the end of the stream`() async throws {
        try await withConnection { connection in
            let rows = Mutex(0)
            async let stream = connection.stream("SELECT n FROM generate_series(1, 20000) AS n") { part in
                rows.withLock { $0 += part.count }
            }
            try await eventually { rows.withLock { $0 } > 0 }
            #expect(try await connection.cell("SELECT 10", as: Int.self) == 10)
            #expect(rows.withLock { $0 } == 20_000)
            #expect(try await stream.commandTag == "SELECT 20000")
        }
    }
}

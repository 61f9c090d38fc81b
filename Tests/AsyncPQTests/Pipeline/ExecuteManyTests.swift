//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import TestSupport
import Testing

@Suite("One statement for many rows", .sharesTheMachine)
struct ExecuteManyTests {
    @Test(.timeLimit(.minutes(5)), arguments: Way.allCases)
    func `all rows arrive, and the statement is prepared once`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            try await connection.execute(script: "CREATE TEMP TABLE many (n int, t text)")
            let count = try await connection.executeMany(0..<10_000) { number in
                "INSERT INTO many VALUES (\(number), \("text of \(number)"))"
            }
            #expect(count == 10_000)
            #expect(
                try await connection.query("SELECT count(*), sum(n), count(DISTINCT t) FROM many")[0]
                    .decode((Int, Int, Int).self) == (10_000, 49_995_000, 10_000))
            let changed = try await connection.executeMany([1, 2, 3]) { "UPDATE many SET t = 'x' WHERE n < \($0)" }
            #expect(changed == 6)
            #expect(try await connection.executeMany([Int]()) { "INSERT INTO many VALUES (\($0))" } == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a statement with types of its own is prepared once`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE typed (n bigint, t text)")
            try await connection.executeMany(0..<1000) { "INSERT INTO typed VALUES (\($0))" }
            let prepared = try await connection.cell(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%typed%'", as: Int.self)
            #expect(prepared == 1)
            // The types of texts are inferred; a text column keeps what it gets.
            try await connection.executeMany(0..<1000) { "INSERT INTO typed (t) VALUES (\("\($0)"))" }
            let texts = try await connection.cell(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%typed (t)%'", as: Int.self)
            #expect(texts == 1)
            let error = try await pqError {
                try await connection.executeMany(["a"]) { "INSERT INTO typed_nowhere VALUES (\($0))" }
            }
            #expect(error.sqlState == .undefinedTable && error.statementIndex == 0)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a row that the server refuses undoes the whole batch and is named`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE refused (n int CHECK (n <> 777))")
            let error = try await pqError {
                try await connection.executeMany(0..<5000) { "INSERT INTO refused VALUES (\($0))" }
            }
            #expect(error.sqlState == .checkViolation && error.statementIndex == 777)
            #expect(try await connection.cell("SELECT count(*) FROM refused", as: Int.self) == 0)
            #expect(try await connection.executeMany([1, 2]) { "INSERT INTO refused VALUES (\($0))" } == 2)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [0, 1, 127, 128, 129, 3000])
    func `an error of the closure undoes what was sent before`(place: Int) async throws {
        struct Refusal: Error {}
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE undone (n int)")
            func insert(_ connection: PQConnection) async throws {
                try await connection.executeMany(0..<5000) { number in
                    if number == place { throw Refusal() }
                    return "INSERT INTO undone VALUES (\(number))"
                }
            }
            await #expect(throws: Refusal.self) { try await insert(connection) }
            #expect(await connection.transactionStatus == .idle)
            #expect(try await connection.cell("SELECT count(*) FROM undone", as: Int.self) == 0)
            // Within a transaction it undoes that, unless there is a savepoint.
            try await connection.withTransaction { outer in
                try await outer.query("INSERT INTO undone VALUES (-1)")
                await #expect(throws: Refusal.self) { try await outer.withTransaction { try await insert($0) } }
            }
            #expect(try await connection.cell("SELECT count(*) FROM undone", as: Int.self) == 1)
        }
    }
}

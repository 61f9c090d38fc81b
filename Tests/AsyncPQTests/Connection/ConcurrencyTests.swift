//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

@Suite("Many tasks, one connection")
struct ConcurrencyTests {
    @Test func `two hundred tasks each get their own answer`() async throws {
        try await withConnection { connection in
            let answers = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for number in 0..<200 {
                    group.addTask { (number, try await connection.cell("SELECT \(number) * 2", as: Int.self)) }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(answers == Dictionary(uniqueKeysWithValues: (0..<200).map { ($0, $0 * 2) }))
        }
    }

    @Test func `queries run in the order they were asked for`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE steps (n bigint, at serial)")
            try await connection.insertConcurrently(50)
            #expect(try await connection.query("SELECT n FROM steps ORDER BY at").decode(Int.self) == Array(0..<50))
        }
    }

    @Test func `one task's error is not another's`() async throws {
        try await withConnection { connection in
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        do {
                            let answer = try await connection.cell("SELECT 100 / \(number % 2)", as: Int.self)
                            return answer == 100 && number % 2 == 1
                        } catch {
                            return number % 2 == 0 && (error as? PQError)?.sqlState == .divisionByZero
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count == 100)
            #expect(outcomes.allSatisfy { $0 })
        }
    }

    @Test func `closing ends the running query and the waiting ones`() async throws {
        try await withConnection { connection in
            let errors = try await withThrowingTaskGroup(of: PQError.self) { group in
                for _ in 0..<5 {
                    group.addTask { try await pqError { try await connection.query("SELECT pg_sleep(60)") } }
                }
                try await eventually { await connection.transactionStatus == .active }
                await connection.close()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(errors.map(\.code) == Array(repeating: .connectionClosed, count: 5))
        }
    }
}

extension PQConnection {
    /// Starts the tasks on the connection's own executor, one after the other, so that their order is known.
    fileprivate func insertConcurrently(_ count: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask(executorPreference: self.eventLoop) {
                    try await self.query("INSERT INTO steps (n) VALUES (\(number))")
                }
            }
            try await group.waitForAll()
        }
    }
}

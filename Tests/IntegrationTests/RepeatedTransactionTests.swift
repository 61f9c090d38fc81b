//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase
import LakebaseLocal
import TestSupport
import Testing

@Suite("Transactions declared repeatable", .sharesTheMachine)
struct RepeatedTransactionTests {
    @Test("twenty serializable increments at once all arrive, each once")
    func serializable() async throws {
        try await withLocalLakebase { stack in
            try await stack.withClient { client in
                try await client.query("CREATE SCHEMA mine")
                try await client.query("CREATE TABLE mine.counter (value int NOT NULL)")
                try await client.query("INSERT INTO mine.counter VALUES (0)")
                let runs = Tally(0)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<20 {
                        group.addTask { [runs] in
                            try await client.withTransaction(isolation: .serializable, retrying: 49) { connection in
                                runs.change { $0 += 1 }
                                let value = try await connection.query("SELECT value FROM mine.counter")
                                    .first?.decode(Int32.self, at: 0)
                                try await connection.query("UPDATE mine.counter SET value = \((value ?? 0) + 1)")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let value = try await client.query("SELECT value FROM mine.counter").first?.decode(Int32.self, at: 0)
                #expect(value == 20)
                #expect(runs.value > 20, "some were in each other's way")
            }
        }
    }

    @Test("a backend killed in the middle: the transaction is run again on another connection")
    func killed() async throws {
        try await withLocalLakebase { stack in
            try await stack.withClient { client in
                try await client.query("CREATE SCHEMA mine")
                try await client.query("CREATE TABLE mine.rows (run int NOT NULL)")
                var run: Int32 = 0
                try await client.withTransaction(retrying: 1) { connection in
                    run += 1
                    try await connection.query("INSERT INTO mine.rows VALUES (\(run))")
                    if run == 1 { try await connection.query("SELECT pg_terminate_backend(pg_backend_pid())") }
                }
                let rows = try await client.query("SELECT run FROM mine.rows").decode(Int32.self)
                #expect(rows == [2])
            }
        }
    }
}

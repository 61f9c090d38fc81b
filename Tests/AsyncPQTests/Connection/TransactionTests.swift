//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Testing

private struct Refusal: Error {}

@Suite("Transactions")
struct TransactionTests {
    private func withTable(_ body: (PQConnection) async throws -> Void) async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE t (a int PRIMARY KEY)")
            try await body(connection)
            #expect(await connection.transactionStatus == .idle)
        }
    }

    private func count(_ connection: PQConnection) async throws -> Int {
        try await connection.cell("SELECT count(*) FROM t")
    }

    @Test func `what the body did is committed when it returns`() async throws {
        try await self.withTable { connection in
            let value = try await connection.withTransaction { connection in
                #expect(await connection.transactionStatus == .inTransaction)
                try await connection.query("INSERT INTO t VALUES (1)")
                return "done"
            }
            #expect(value == "done")
            #expect(try await self.count(connection) == 1)
        }
    }

    @Test func `what the body did is undone when it throws`() async throws {
        try await self.withTable { connection in
            await #expect(throws: Refusal.self) {
                try await connection.withTransaction { connection in
                    try await connection.query("INSERT INTO t VALUES (1)")
                    throw Refusal()
                }
            }
            let found = try await self.count(connection)
            #expect(found == 0)
        }
    }

    @Test func `a failure that the body swallowed is an error and nothing is kept`() async throws {
        try await self.withTable { connection in
            let error = try await pqError {
                try await connection.withTransaction { connection in
                    try await connection.query("INSERT INTO t VALUES (1)")
                    _ = try? await connection.query("SELECT 1/0")
                }
            }
            #expect(error.sqlState == .inFailedSqlTransaction)
            #expect(try await self.count(connection) == 0)
        }
    }

    @Test func `a constraint checked at the end fails the transaction`() async throws {
        try await self.withTable { connection in
            try await connection.execute(
                script: "CREATE TEMP TABLE child (a int REFERENCES t DEFERRABLE INITIALLY DEFERRED)")
            let error = try await pqError {
                try await connection.withTransaction { try await $0.query("INSERT INTO child VALUES (9)") }
            }
            #expect(error.sqlState == .foreignKeyViolation)
        }
    }

    @Test(arguments: PQConnection.IsolationLevel.allCases)
    func `the isolation asked for is the one in force`(level: PQConnection.IsolationLevel) async throws {
        try await self.withTable { connection in
            let shown = try await connection.withTransaction(isolation: level) { connection in
                try await connection.cell("SHOW transaction_isolation", as: String.self)
            }
            #expect(shown == level.rawValue.lowercased())
        }
    }

    @Test func `a read-only transaction refuses changes`() async throws {
        try await self.withTable { connection in
            let error = try await pqError {
                // Temporary tables may be written to even then.
                try await connection.withTransaction(readOnly: true) {
                    try await $0.query("CREATE TABLE never (a int)")
                }
            }
            #expect(error.sqlState == .readOnlySqlTransaction)
        }
    }

    @Test func `a cancelled body is rolled back and the connection stays usable`() async throws {
        try await self.withTable { connection in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) {
                        try await connection.withTransaction { connection in
                            try await connection.query("INSERT INTO t VALUES (1)")
                            try await connection.query("SELECT pg_sleep(60)")
                        }
                    }
                }
                try? await eventually { await connection.transactionStatus == .active }
                group.cancelAll()
            }
            let found = try await self.count(connection)
            #expect(found == 0)
        }
    }

    @Test func `a body that notices its cancellation by itself is rolled back`() async throws {
        try await self.withTable { connection in
            let process = try await connection.processID()
            for _ in 0..<50 {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        await #expect(throws: CancellationError.self) {
                            try await connection.withTransaction { connection in
                                try await connection.query("INSERT INTO t VALUES (1)")
                                withUnsafeCurrentTask { $0?.cancel() }
                                try Task.checkCancellation()
                            }
                        }
                    }
                }
            }
            #expect(try await self.count(connection) == 0)
            #expect(try await connection.processID() == process)
        }
    }

    @Test func `a transaction cancelled at any moment is wholly there or not at all`() async throws {
        try await self.withTable { connection in
            let process = try await connection.processID()
            var committed = 0
            for round in 0..<150 {
                let task = Task {
                    try await connection.withTransaction { connection in
                        try await connection.query("INSERT INTO t VALUES (\(round * 2))")
                        try await connection.query("INSERT INTO t VALUES (\(round * 2 + 1))")
                    }
                }
                try await Task.sleep(for: .microseconds(round * 20))
                task.cancel()
                do {
                    try await task.value
                    committed += 1
                } catch {
                    #expect(error is CancellationError, "\(error)")
                }
                #expect(await connection.transactionStatus == .idle, "round \(round)")
            }
            #expect(try await self.count(connection) == committed * 2)
            #expect(try await connection.processID() == process, "no cancelled transaction cost the connection")
        }
    }

    @Test func `a connection lost in a transaction is reported as such`() async throws {
        let victim = try await PQConnection.connect(try TestServer.shared().socket, logger: quiet)
        let process = try await victim.processID()
        let error = try await pqError {
            try await victim.withTransaction { victim in
                try await withConnection { try await $0.query("SELECT pg_terminate_backend(\(process), 5000)") }
                try await victim.query("SELECT 1")
            }
        }
        #expect(error.code == .connectionClosed)
        #expect(await !victim.isOpen)
    }
}

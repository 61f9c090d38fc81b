//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization
import Testing

@Suite("Lost connections")
struct LostConnectionTests {
    private func terminate(_ process: Int32) async throws {
        try await withConnection { observer in
            let found = try await observer.cell("SELECT pg_terminate_backend(\(process), 5000)", as: Bool.self)
            #expect(found)
        }
    }

    @Test(arguments: Way.allCases)
    func `an idle connection notices its end by itself`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            let reasons = Mutex<[PQError]>([])
            let closed = AsyncStream<Void>.makeStream()
            await connection.onClose { reason in
                reasons.withLock { $0.append(reason) }
                closed.continuation.finish()
            }
            try await self.terminate(connection.processID())
            for await _ in closed.stream {}
            #expect(await !connection.isOpen)
            #expect(await connection.transactionStatus == .unknown)
            let error = try await pqError { try await connection.query("SELECT 1") }
            #expect(error.code == .connectionClosed)
            #expect(error.sqlState == .adminShutdown, "\(error)")
            await connection.close()
            #expect(reasons.withLock { $0.count } == 1, "the handler is called once")
        }
    }

    @Test(arguments: Way.allCases)
    func `a connection lost during a query says what the server said`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            let process = try await connection.processID()
            let query = Task { try await pqError { try await connection.query("SELECT pg_sleep(60)") } }
            try await withConnection { observer in
                try await eventually {
                    try await observer.cell(
                        "SELECT state FROM pg_stat_activity WHERE pid = \(process)", as: String.self)
                        == "active"
                }
            }
            try await self.terminate(process)
            let error = try await query.value
            #expect(error.code == .connectionClosed)
            #expect(error.sqlState == .adminShutdown, "\(error)")
            #expect(await !connection.isOpen)
            #expect(try await pqError { try await connection.query("SELECT 1") }.code == .connectionClosed)
        }
    }

    @Test func `closing twice, and asking for the end afterwards`() async throws {
        try await withConnection { connection in
            await connection.close()
            await connection.close()
            let told = Mutex(false)
            await connection.onClose { _ in told.withLock { $0 = true } }
            #expect(told.withLock { $0 })
            #expect(await connection.serverVersion == 0)
            let found = try await pqError { try await connection.execute(script: "SELECT 1") }.code
            #expect(found == .connectionClosed)
            await connection.rollback()
        }
    }

    @Test func `COPY as a query is an error and not a hang`() async throws {
        for sql in ["COPY (SELECT 1) TO STDOUT", "COPY pg_temp.t FROM STDIN"] {
            try await withConnection { connection in
                try await connection.execute(script: "CREATE TEMP TABLE t (a int)")
                let error = try await pqError { try await connection.query(PQQuery(unsafeSQL: sql)) }
                #expect(error.code == .unsupported)
                #expect(error.message.contains("COPY"))
            }
        }
    }
}

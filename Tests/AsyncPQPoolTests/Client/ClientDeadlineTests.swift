//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import TestSupport
import Testing

@testable import AsyncPQPool

@Suite("Deadlines of a client's calls", .timeLimit(.minutes(2)))
struct ClientDeadlineTests {
    private func withClient(_ body: (PQClient) async throws -> Void) async throws {
        let client = try PQClient(
            configuration: TestServer.shared().socket, pool: limits { $0.maximumConnections = 1 },
            logger: LogStore().logger)
        try await withRunning(client) { try await body(client) }
    }

    @Test func `a query is stopped on the server, and its connection leased again`() async throws {
        try await self.withClient { client in
            let process = try await client.query("SELECT pg_backend_pid()").decode(Int32.self)
            for _ in 0..<3 {
                let isLeased = await getsFarEnough { limit in
                    let error = await thrown { try await client.query("SELECT pg_sleep(600)", timeout: limit) }
                    guard let pqError = error as? PQError else { return false }
                    #expect(pqError.code == .timedOut && pqError.isSafeToRetry)
                    return true
                }
                #expect(isLeased)
            }
            let rows = try await client.query("SELECT pg_backend_pid()", timeout: .seconds(60))
            #expect(try rows.decode(Int32.self) == process)
        }
    }

    @Test func `the wait for a connection counts`() async throws {
        try await self.withClient { client in
            try await client.withConnection { _ in
                let error = await thrown { try await client.query("SELECT 1", timeout: .milliseconds(20)) }
                #expect(error is PQPoolError, "\(String(describing: error))")
            }
        }
    }

    @Test func `a transaction is rolled back at its deadline, however often it may be run again`() async throws {
        try await self.withClient { client in
            try await client.query("DROP TABLE IF EXISTS client_deadline")
            try await client.query("CREATE TABLE client_deadline (a int)")
            let isInserted = await getsFarEnough { limit in
                var isInserted = false
                let error = await thrown {
                    try await client.withTransaction(retrying: 5, deadline: .now + limit) { connection in
                        try await connection.query("INSERT INTO client_deadline VALUES (1)")
                        isInserted = true
                        try await connection.query("SELECT pg_sleep(600)")
                    }
                }
                if isInserted { #expect((error as? PQError)?.code == .timedOut, "\(String(describing: error))") }
                return isInserted
            }
            #expect(isInserted)
            // A body that conflicts again and again is run until the time is over, and not the number of times.
            let isRunAgain = await getsFarEnough { limit in
                var runs = 0
                let conflict = await thrown {
                    try await client.withTransaction(retrying: 1_000_000, deadline: .now + limit) { connection in
                        runs += 1
                        try await connection.query("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
                    }
                }
                #expect(conflict != nil && runs < 1_000_000)
                return runs > 1
            }
            #expect(isRunAgain)
            #expect(try await client.query("SELECT count(*) FROM client_deadline").decode(Int.self) == [0])
            try await client.query("DROP TABLE client_deadline")
        }
    }
}

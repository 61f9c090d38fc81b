//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Secrets
import TestSupport
import Testing

/// Connections through PgBouncer, whose clients share the server's connections.
@Suite("Behind PgBouncer", .enabled(if: PgBouncer.program != nil, "PgBouncer is not installed"))
struct PgBouncerTests {
    private static let pooler = Result { try PgBouncer.start(before: try TestServer.shared(), connections: 3) }

    /// Calls `body` with a connection through the pooler, once that listens.
    private func withPooled<Value>(_ body: (PQConnection) async throws -> Value) async throws -> Value {
        var configuration = try Self.pooler.get().tcp
        configuration.isBehindPooler = true
        var opened: PQConnection?
        try await eventually {
            opened = try? await PQConnection.connect(configuration, on: testLoops.next(), logger: quiet)
            return opened != nil
        }
        return try await closing(#require(opened), after: body)
    }

    @Test(.timeLimit(.minutes(2)))
    func `each of many clients gets its own answers, in queries, pipelines and transactions`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<20 {
                group.addTask {
                    try await self.withPooled { connection in
                        for round in 0..<30 {
                            let number = client * 1000 + round
                            #expect(try await connection.cell("SELECT \(number)", as: Int.self) == number)
                            let results = try await connection.pipeline(["SELECT \(number)", "SELECT \(number + 1)"])
                            #expect(try results.map { try $0.decode(Int.self) } == [[number], [number + 1]])
                            let sum = try await connection.withTransaction { connection in
                                try await connection.query("SET LOCAL application_name = 'pooled'")
                                let name = try await connection.cell("SHOW application_name", as: String.self)
                                #expect(name == "pooled")
                                return try await connection.cell("SELECT \(number) + \(client)", as: Int.self)
                            }
                            #expect(sum == number + client)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a cancelled statement ends on the server, and the client goes on`() async throws {
        try await self.withPooled { connection in
            for _ in 0..<3 {
                let task = Task { try await connection.query("SELECT pg_sleep(600), 'behind the pooler'") }
                try await withConnection { observer in
                    let running: PQQuery = """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE query LIKE '%behind the pooler%' AND wait_event = 'PgSleep'
                        """
                    try await eventually { try await observer.cell(running, as: Int.self) == 1 }
                    task.cancel()
                    await #expect(throws: CancellationError.self) { try await task.value }
                    try await eventually { try await observer.cell(running, as: Int.self) == 0 }
                }
                #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
            }
        }
    }
}

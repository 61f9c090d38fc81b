//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging
import TestSupport
import Testing

@testable import AsyncPQPool

@Suite("Streams of rows on a pool", .timeLimit(.minutes(2)))
struct PooledStreamTests {
    private struct Failure: Error {}

    private static let long: PQQuery = "SELECT generate_series(1, 10000000) AS n, repeat('x', 100)"

    /// Runs `body` with a client of one connection, which has to be the same at the end and free.
    private func withClient(_ body: (PQClient) async throws -> Void) async throws {
        let client = try PQClient(
            configuration: TestServer.shared().socket, pool: limits { $0.maximumConnections = 1 },
            logger: LogStore().logger)
        try await withRunning(client) {
            let process = try await client.processID()
            try await body(client)
            #expect(client.statistics.leased == 0)
            let later = try await client.processID()
            #expect(later == process)
            #expect(client.statistics.totals.opened == 1 && client.statistics.totals.lost == 0)
        }
    }

    @Test func `a stream is read to its end, and the connection is leased meanwhile`() async throws {
        try await self.withClient { client in
            for _ in 0..<3 {
                let sum = try await client.withConnection { connection in
                    var sum = 0
                    let rows = connection.stream("SELECT n, 'x' FROM generate_series(1, 100000) AS n")
                    for try await (number, _) in rows.decode((Int, String).self) { sum += number }
                    #expect(client.statistics.leased == 1)
                    return sum
                }
                #expect(sum == 5_000_050_000)
            }
        }
    }

    @Test func `a stream that is left early leaves a connection that works, in its lease and after it`() async throws {
        try await self.withClient { client in
            for round in 0..<5 {
                let value = try await client.withConnection { connection in
                    for try await _ in connection.stream(Self.long) { break }
                    return try await connection.query("SELECT \(round)").value(as: Int.self)
                }
                #expect(value == round)
                // The lease ends right after the loop.
                try await client.withConnection { for try await _ in $0.stream(Self.long) { break } }
                let after = try await client.query("SELECT \(round)").value(as: Int.self)
                #expect(after == round)
                let error = await thrown {
                    try await client.withTransaction { connection in
                        for try await row in connection.stream(Self.long) {
                            if try row.decode(Int32.self, at: 0) == 1000 { throw Failure() }
                        }
                    }
                }
                #expect(error is Failure)
            }
        }
    }

    @Test func `a stream that outlives its lease is an error, and the next lease gets the connection`() async throws {
        try await self.withClient { client in
            for _ in 0..<3 {
                var kept: PQRowStream.AsyncIterator?
                try await client.withConnection { connection in
                    var iterator = connection.stream(Self.long).makeAsyncIterator()
                    _ = try await iterator.next(isolation: nil)
                    kept = iterator
                }
                let value = try await client.query("SELECT 7").value(as: Int32.self)
                #expect(value == 7)
                let error = await thrown { while try await kept?.next(isolation: nil) != nil {} }
                #expect((error as? PQError)?.code == .leaseEnded)
            }
        }
    }

    @Test func `a cancelled task stops its stream`() async throws {
        try await self.withClient { client in
            for _ in 0..<3 {
                let (begun, begin) = AsyncStream<Never>.makeStream()
                let task = Task {
                    try await client.withConnection { connection in
                        for try await _ in connection.stream(Self.long) { begin.finish() }
                    }
                }
                for await _ in begun {}
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }
}

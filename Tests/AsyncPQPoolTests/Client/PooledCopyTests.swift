//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Logging
import TestSupport
import Testing

@testable import AsyncPQPool

@Suite("COPY on a pool", .timeLimit(.minutes(2)))
struct PooledCopyTests {
    private struct Failure: Error {}

    private func withTable<Value: Sendable>(
        _ body: (PQClient, String) async throws -> Value
    ) async throws -> Value {
        let server = try TestServer.shared()
        let table = "copied_\(UInt32.random(in: 0 ... .max))"
        try await server.script("CREATE TABLE \(table) (id int8, title text)")
        let client = try PQClient(
            configuration: server.socket, pool: limits { $0.maximumConnections = 1 }, logger: LogStore().logger)
        let value = try await withRunning(client) { try await body(client, table) }
        try await server.script("DROP TABLE \(table)")
        return value
    }

    @Test func `rows go in by text and by value, and come out`() async throws {
        try await self.withTable { client, table in
            let text = try await client.copyIn("COPY \(unescaped: table) FROM STDIN") {
                try await $0.write("1\tone\n")
            }
            let rows = try await client.copyIn(table: table, columns: ["id", "title"]) { (writer: PQCopyRowWriter) in
                for number in 2...3 { try await writer.row(Int64(number), "title \(number)") }
            }
            let csv = try await client.copyIn(table: table, format: .csv()) { (writer: PQCopyWriter) in
                try await writer.write("4,four\n")
            }
            #expect([text, rows, csv] == [1, 2, 1])
            let out = try await client.copyOut("COPY (SELECT * FROM \(unescaped: table) ORDER BY id) TO STDOUT") {
                var bytes: [UInt8] = []
                for try await chunk in $0 { bytes += chunk }
                return String(decoding: bytes, as: UTF8.self)
            }
            #expect(out == "1\tone\n2\ttitle 2\n3\ttitle 3\n4\tfour\n")
            #expect(client.statistics.totals.opened == 1)
        }
    }

    @Test func `a failure half-way leaves no row, and the connection usable`() async throws {
        try await self.withTable { client, table in
            let error = await thrown {
                try await client.copyIn("COPY \(unescaped: table) FROM STDIN") {
                    try await $0.write("1\tone\n")
                    throw Failure()
                }
            }
            #expect(error is Failure)
            try await client.copyOut("COPY (SELECT generate_series(1, 100000)) TO STDOUT") {
                for try await _ in $0 { break }
            }
            let count = try await client.query("SELECT count(*) FROM \(unescaped: table)").decode(Int.self)
            #expect(count == [0])
            #expect(client.statistics.totals.opened == 1)
        }
    }

    // MARK: Sequences

    /// Chunks that cut rows anywhere, and an error after them where there is one.
    private func chunks(_ texts: [String], then error: Failure? = nil) -> AsyncThrowingStream<[UInt8], any Error> {
        AsyncThrowingStream { continuation in
            for text in texts { continuation.yield(Array(text.utf8)) }
            continuation.finish(throwing: error)
        }
    }

    @Test func `the chunks of a sequence go in, and the connection is leased meanwhile`() async throws {
        try await self.withTable { client, table in
            let texts = ["1\to", "ne\n2\ttwo\n", "", "3\t\\N\n"]
            let first = try await client.copyIn("COPY \(unescaped: table) FROM STDIN", from: self.chunks(texts))
            let leased = self.chunks(["4,", "four\n"]).map { chunk in
                #expect(client.statistics.leased == 1)
                return chunk
            }
            let second = try await client.copyIn(table: table, columns: ["id", "title"], format: .csv, from: leased)
            #expect([first, second] == [3, 1])
            let rows = try await client.query("SELECT id, title FROM \(unescaped: table) ORDER BY id")
            let found = try rows.decode((Int, String?).self)
            #expect(found.map(\.0) == [1, 2, 3, 4] && found.map(\.1) == ["one", "two", nil, "four"])
            #expect(client.statistics.leased == 0 && client.statistics.totals.opened == 1)
        }
    }

    @Test func `a sequence that throws leaves no row, and the connection usable`() async throws {
        try await self.withTable { client, table in
            for _ in 0..<3 {
                let error = await thrown {
                    try await client.copyIn(
                        table: table, format: .text, from: self.chunks(["1\tone\n"], then: Failure()))
                }
                #expect(error is Failure)
                let refused = await thrown {
                    try await client.copyIn(table: table, format: .text, from: self.chunks(["no number\tone\n"]))
                }
                #expect((refused as? PQError)?.sqlState == .invalidTextRepresentation)
            }
            let count = try await client.query("SELECT count(*) FROM \(unescaped: table)").value(as: Int.self)
            #expect(count == 0)
            #expect(client.statistics.totals.opened == 1)
        }
    }

    @Test func `rows come out as tuples, and the rows of a query as text`() async throws {
        try await self.withTable { client, table in
            try await client.query("INSERT INTO \(unescaped: table) VALUES (1, 'one'), (2, NULL)")
            let query: PQQuery = "SELECT id, title FROM \(unescaped: table) ORDER BY id"
            let found = try await client.copyOut(query, as: (Int64, String?).self) { rows in
                var found: [(Int64, String?)] = []
                for try await row in rows {
                    #expect(client.statistics.leased == 1)
                    found.append(row)
                }
                return found
            }
            #expect(found.map(\.0) == [1, 2] && found.map(\.1) == ["one", nil])
            let csv = try await client.copyOut(query: query, format: .csv(header: true)) {
                var bytes: [UInt8] = []
                for try await chunk in $0 { bytes += chunk }
                return String(decoding: bytes, as: UTF8.self)
            }
            #expect(csv == "id,title\n1,one\n2,\n")
            let error = await thrown {
                try await client.copyOut(query, as: (Int64, String).self) { for try await _ in $0 {} }
            }
            #expect((error as? PQError)?.code == .decodingFailed)
            #expect(client.statistics.leased == 0 && client.statistics.totals.opened == 1)
        }
    }

    // MARK: Leaving early

    private static let long: PQQuery = "SELECT generate_series(1, 10000000) AS n, repeat('x', 100)"

    @Test func `a loop that is left early releases the connection, which works`() async throws {
        try await self.withTable { client, _ in
            for round in 0..<3 {
                try await client.copyOut(Self.long, as: (Int32, String).self) { for try await _ in $0 { break } }
                try await client.copyOut(query: Self.long, format: .text) { for try await _ in $0 { break } }
                let error = await thrown {
                    try await client.copyOut(Self.long, as: (Int32, String).self) {
                        for try await (number, _) in $0 where number == 1000 { throw Failure() }
                    }
                }
                #expect(error is Failure)
                // Within the lease too.
                let value = try await client.withConnection { connection in
                    for try await _ in connection.copyOut(Self.long, as: (Int32, String).self) { break }
                    return try await connection.query("SELECT \(round)").value(as: Int.self)
                }
                #expect(value == round)
                #expect(client.statistics.leased == 0)
                #expect(client.statistics.totals.opened == 1 && client.statistics.totals.lost == 0)
            }
        }
    }

    @Test func `a COPY whose loop outlives its lease ends, and the client goes on`() async throws {
        try await self.withTable { client, _ in
            var kept: PQCopyOut.AsyncIterator?
            try await client.copyOut(query: Self.long, format: .text) { chunks in
                var iterator = chunks.makeAsyncIterator()
                _ = try await iterator.next()
                kept = iterator
            }
            let error = await thrown { while try await kept?.next() != nil {} }
            #expect(error is PQError)
            let seven = try await client.query("SELECT 7").value(as: Int32.self)
            #expect(seven == 7 && client.statistics.leased == 0)
        }
    }

    @Test func `a cancelled task ends its COPY, and the connection works`() async throws {
        try await self.withTable { client, table in
            for _ in 0..<3 {
                let (begun, begin) = AsyncStream<Never>.makeStream()
                let task = Task {
                    try await client.copyOut(Self.long, as: (Int32, String).self) {
                        for try await _ in $0 { begin.finish() }
                    }
                }
                for await _ in begun {}
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            let count = try await client.query("SELECT count(*) FROM \(unescaped: table)").value(as: Int.self)
            #expect(count == 0 && client.statistics.totals.opened == 1)
        }
    }
}

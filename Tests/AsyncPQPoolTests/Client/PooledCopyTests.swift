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
}

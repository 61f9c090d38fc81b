//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Foundation
import Testing

/// What a pooler in transaction mode needs: sessions in which nothing has a name.
@Suite("Without prepared statements")
struct UnpreparedTests {
    /// Runs all kinds of statements several times; returns how many prepared statements the session then has, and the
    /// names under which the server was told to parse statements, from its log.
    private func work(capacity: Int, marker: String) async throws -> (prepared: Int, names: Set<String>) {
        let prepared = try await withConnection(change: { $0.statementCacheCapacity = capacity }) { connection in
            // The server's account of what came over the wire.
            try await connection.execute(
                script: "SET log_min_duration_statement = 0; CREATE TEMP TABLE t (a int, d date)")
            for round in 0..<4 {
                try await connection.query(PQQuery(unsafeSQL: "SELECT 1 /* \(marker) */"))
                let text: PQQuery = "SELECT \("x")::text /* \(unescaped: marker) */"
                _ = try await connection.query(text)
                try await connection.query(
                    "INSERT INTO t (a, d) VALUES (\(round), \(Date.now)) /* \(unescaped: marker) */")
                try await connection.stream(text) { _ in }
                _ = try? await connection.query(PQQuery(unsafeSQL: "SELECT 1/0 /* \(marker) */"))
                try await connection.withTransaction(settings: ["search_path": "pg_catalog, pg_temp"]) { connection in
                    _ = try await connection.query(text)
                    try await connection.withTransaction { _ = try await $0.query(text) }
                }
                _ = try await connection.query(text, timeout: .seconds(60))
                try await connection.ping(timeout: .seconds(60))
                try await connection.resetSession()
                try await connection.execute(
                    script: "SET log_min_duration_statement = 0; CREATE TEMP TABLE IF NOT EXISTS t (a int, d date)")
            }
            return try await connection.cell("SELECT count(*) FROM pg_prepared_statements", as: Int.self)
        }
        let log = try String(contentsOfFile: "\(TestServer.shared().folder)/log", encoding: .utf8)
        var names: Set<String> = []
        for line in log.split(separator: "\n") where line.contains(marker) {
            guard let parse = line.firstRange(of: " parse ") else { continue }
            names.insert(String(line[parse.upperBound...].prefix { $0 != ":" }))
        }
        return (prepared, names)
    }

    @Test func `a capacity of 0 gives no statement a name, in no kind of call`() async throws {
        let without = try await self.work(capacity: 0, marker: "unprepared-\(UUID().uuidString)")
        #expect(without.prepared == 0)
        #expect(without.names == ["<unnamed>"])
        // The log tells names where there are some.
        let with = try await self.work(capacity: 8, marker: "prepared-\(UUID().uuidString)")
        #expect(with.prepared > 0 && with.names.count > 1, "\(with)")
    }
}

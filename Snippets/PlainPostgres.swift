//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// AsyncPQ alone, with any PostgreSQL: DATABASE_URL=postgresql://user:password@host/database .build/debug/PlainPostgres

// snippet.connect
import AsyncPQ
import Foundation
import Logging
import Secrets

func newest(_ url: Secret, limit: Int, logger: Logger) async throws -> [(String, Date?)] {
    let connection = try await PQConnection.connect(.init(connectionString: url), logger: logger)
    do {
        let rows = try await connection.query(
            "SELECT datname, pg_stat_get_db_stat_reset_time(oid) FROM pg_database ORDER BY oid DESC LIMIT \(limit)")
        await connection.close()
        return try rows.decode((String, Date?).self)
    } catch {
        await connection.close()
        throw error
    }
}
// snippet.end

// snippet.executor
func sum(_ connection: PQConnection, upTo last: Int) async throws -> Int {
    var total = 0
    for number in 1...last {
        total += try await connection.query("SELECT \(number) * 2").first?.decode(Int.self, at: 0) ?? 0
    }
    return total
}

func sumOnTheLoop(_ connection: PQConnection, upTo last: Int) async throws -> Int {
    try await withTaskExecutorPreference(connection.eventLoop) {
        try await sum(connection, upTo: last)
    }
}
// snippet.end

// snippet.stream
func printNames(_ connection: PQConnection) async throws {
    let end = try await connection.stream("SELECT relname::text FROM pg_class ORDER BY relname") { rows in
        for row in rows { print(try row.decode(String.self, at: 0)) }
    }
    print(end.commandTag)
}
// snippet.end

if let url = ProcessInfo.processInfo.environment["DATABASE_URL"] {
    for (name, reset) in try await newest(Secret(url), limit: 5, logger: Logger(label: "snippet")) {
        print(name, reset.map { "\($0)" } ?? "never")
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Rows as values and structs, and in a loop:
// DATABASE_URL=postgresql://user:password@host/database .build/debug/ReadingRows

import AsyncPQ
import Foundation
import Logging
import Secrets

// snippet.struct
struct Relation: Decodable {
    enum Kind: String, Decodable {
        case table = "r"
        case index = "i"
        case view = "v"
    }

    var id: Int
    var name: String
    var pageCount: Int
    var kind: Kind
    var options: [String]?
}

func relations(_ connection: PQConnection, limit: Int) async throws -> [Relation] {
    try await connection.query(
        """
        SELECT oid AS id, relname AS name, relpages AS page_count, relkind AS kind, reloptions AS options
        FROM pg_class WHERE relkind IN ('r', 'i', 'v') ORDER BY oid LIMIT \(limit)
        """
    ).decode(Relation.self)
}
// snippet.end

// snippet.value
func counts(_ connection: PQConnection) async throws -> (Int, largest: (String, Int)?) {
    let count = try await connection.query("SELECT count(*) FROM pg_class").value(as: Int.self)
    let largest = try await connection.query("SELECT relname, relpages FROM pg_class ORDER BY relpages DESC LIMIT 1")
        .first(as: (String, Int).self)
    return (count, largest)
}
// snippet.end

// snippet.loop
func firstName(_ connection: PQConnection, longerThan length: Int) async throws -> String? {
    let names = connection.stream("SELECT oid, relname FROM pg_class ORDER BY relname").decode((Int, String).self)
    for try await (_, name) in names where name.count > length {
        return name
    }
    return nil
}
// snippet.end

// snippet.notices
func withNotices(_ connection: PQConnection) async throws {
    let registration = await connection.onNotice { notice in
        print(notice.severity, notice.message)
    }
    try await connection.query("DO $$ BEGIN RAISE NOTICE 'halfway'; END $$")
    await registration.cancel()
}
// snippet.end

// snippet.errors
func insert(_ name: String, _ connection: PQConnection) async throws -> Bool {
    do {
        try await connection.query("INSERT INTO users (name) VALUES (\(name))")
        return true
    } catch let error as PQError where error.sqlState == .uniqueViolation {
        print("taken:", error.constraintName ?? "")
        return false
    }
}
// snippet.end

if let url = ProcessInfo.processInfo.environment["DATABASE_URL"] {
    let connection = try await PQConnection.connect(
        .init(connectionString: Secret(url)), logger: Logger(label: "snippet"))
    print(try await relations(connection, limit: 5))
    print(try await counts(connection))
    print(try await firstName(connection, longerThan: 20) ?? "none")
    try await withNotices(connection)
    await connection.close()
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Pipelines on one connection: DATABASE_URL=postgresql://user:password@host/database .build/debug/Pipelining

import AsyncPQ
import Foundation
import Logging
import Secrets

// snippet.atomic
func addNote(_ title: String, by author: Int, on connection: PQConnection) async throws -> Int? {
    let results = try await connection.pipeline([
        "INSERT INTO notes (title, author) VALUES (\(title), \(author)) RETURNING id",
        "UPDATE authors SET notes = notes + 1 WHERE id = \(author)",
    ])
    return try results[0].first?.decode(Int.self, at: 0)
}
// snippet.end

// snippet.independent
func removeAll(_ names: [String], on connection: PQConnection) async throws {
    let outcomes = try await connection.pipeline(
        independent: names.map { "DELETE FROM files WHERE name = \($0)" })
    for (name, outcome) in zip(names, outcomes) {
        switch outcome {
        case .done(let rows): print("\(name): \(rows.affectedRows) removed")
        case .failed(let error): print("\(name) stays: \(error)")
        case .unknown(let error): print("\(name): the connection was lost, it may be removed: \(error)")
        case .notRun: print("\(name) was not tried")
        }
    }
}
// snippet.end

// snippet.many
func importTitles(_ titles: [String], on connection: PQConnection) async throws {
    let count = try await connection.executeMany(titles) { title in
        "INSERT INTO notes (title) VALUES (\(title))"
    }
    print("\(count) notes")
}
// snippet.end

if let url = ProcessInfo.processInfo.environment["DATABASE_URL"] {
    let connection = try await PQConnection.connect(
        .init(connectionString: Secret(url)), logger: Logger(label: "snippet"))
    try await connection.execute(
        script: """
            CREATE TEMP TABLE authors (id bigint PRIMARY KEY, notes bigint NOT NULL DEFAULT 0);
            CREATE TEMP TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY, title text, author bigint);
            CREATE TEMP TABLE files (name text);
            INSERT INTO authors VALUES (1); INSERT INTO files VALUES ('a')
            """)
    print(try await addNote("First", by: 1, on: connection) ?? 0)
    try await removeAll(["a", "b"], on: connection)
    try await importTitles(["Second", "Third"], on: connection)
    await connection.close()
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// COPY with any PostgreSQL: DATABASE_URL=postgresql://user:password@host/database .build/debug/Copying

import AsyncPQ
import Foundation
import Logging
import Secrets

struct Note {
    var id: Int64
    var title: String
    var author: String?
}

// snippet.rows
func save(_ notes: [Note], _ connection: PQConnection) async throws -> Int {
    try await connection.copyIn(table: "notes", columns: ["id", "title", "author"]) { writer in
        for note in notes { try await writer.row(note.id, note.title, note.author) }
    }
}
// snippet.end

// snippet.bytes
func load(_ file: URL, _ connection: PQConnection) async throws -> Int {
    let handle = try FileHandle(forReadingFrom: file)
    return try await connection.copyIn(table: "notes", format: .csv(header: true)) { writer in
        while let chunk = try handle.read(upToCount: 65_536), !chunk.isEmpty { try await writer.write(chunk) }
    }
}
// snippet.end

// snippet.out
func export(to file: FileHandle, _ connection: PQConnection) async throws {
    for try await chunk in connection.copyOut(table: "notes", format: .csv(header: true)) {
        try file.write(contentsOf: chunk)
    }
}
// snippet.end

// snippet.tuples
func longestTitle(_ connection: PQConnection) async throws -> String {
    var longest = ""
    for try await (_, title) in connection.copyOut("SELECT id, title FROM notes", as: (Int64, String).self)
    where title.count > longest.count {
        longest = title
    }
    return longest
}
// snippet.end

if let url = ProcessInfo.processInfo.environment["DATABASE_URL"] {
    let connection = try await PQConnection.connect(
        .init(connectionString: Secret(url)), logger: Logger(label: "snippet"))
    try await connection.execute(script: "CREATE TEMP TABLE notes (id bigint, title text, author text)")
    print(try await save([Note(id: 1, title: "Hello"), Note(id: 2, title: "Hello, world")], connection))
    print(try await longestTitle(connection))
    try await export(to: .standardOutput, connection)
    await connection.close()
}

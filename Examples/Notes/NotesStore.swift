//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Lakebase

/// A note.
struct Note: Sendable, Equatable {
    var id: Int
    var content: String
    var createdAt: Date
}

/// One author's notes in the database.
///
/// No statement says whose notes it is about: a policy of the table does, by a setting that each transaction begins with
/// and that ends with it. So a statement that forgets the author shows nothing too much.
struct NotesStore: Sendable {
    let lakebase: LakebaseClient
    /// The author's name in the workspace; empty for the notes of everybody who is not signed in.
    let author: String

    /// The longest note, in UTF-16 code units, as browsers count characters.
    static let maximumLength = 1000

    private func transaction<Value>(
        readOnly: Bool = false, _ body: (PQConnection) async throws -> Value
    ) async throws -> Value {
        try await self.lakebase.withTransaction(readOnly: readOnly, settings: ["notes.author": self.author], body)
    }

    /// The latest notes first.
    func latest(limit: Int = 100) async throws -> [Note] {
        let rows = try await self.transaction(readOnly: true) { connection in
            try await connection.query(
                "SELECT id, content, created_at FROM notes.notes ORDER BY created_at DESC, id DESC LIMIT \(limit)")
        }
        return try rows.decode((Int, String, Date).self).map { Note(id: $0.0, content: $0.1, createdAt: $0.2) }
    }

    func count() async throws -> Int {
        let rows = try await self.transaction(readOnly: true) { try await $0.query("SELECT count(*) FROM notes.notes") }
        return try rows.first?.decode(Int.self, at: 0) ?? 0
    }

    func add(_ content: String) async throws {
        _ = try await self.transaction { try await $0.query("INSERT INTO notes.notes (content) VALUES (\(content))") }
    }

    /// Changes a note; false when the author has none of that number.
    func edit(_ id: Int, _ content: String) async throws -> Bool {
        try await self.transaction { connection in
            try await connection.query("UPDATE notes.notes SET content = \(content) WHERE id = \(id)").affectedRows == 1
        }
    }

    /// Deletes a note; false when the author has none of that number.
    func delete(_ id: Int) async throws -> Bool {
        try await self.transaction { connection in
            try await connection.query("DELETE FROM notes.notes WHERE id = \(id)").affectedRows == 1
        }
    }
}

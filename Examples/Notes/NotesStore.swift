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

/// The notes in the database.
struct NotesStore: Sendable {
    let lakebase: LakebaseClient

    /// The longest note, in UTF-16 code units, as browsers count characters.
    static let maximumLength = 1000

    /// Makes the schema and the table if they are missing, with the tutorial's three notes.
    ///
    /// The app's role may create schemas in its database but nothing in `public`, so it has one of its own.
    func prepare() async throws {
        try await self.lakebase.withTransaction { connection in
            // Several instances of the app may start at once.
            try await connection.query("SELECT pg_advisory_xact_lock(hashtext('notes.prepare'))")
            try await connection.query("CREATE SCHEMA IF NOT EXISTS notes")
            let exists = try await connection.query("SELECT to_regclass('notes.notes') IS NOT NULL")
            guard try exists.first?.decode(Bool.self, at: 0) != true else { return }
            try await connection.query(
                """
                CREATE TABLE notes.notes (
                    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                    content text NOT NULL,
                    created_at timestamptz NOT NULL DEFAULT now()
                )
                """)
            for content in ["Welcome to Lakebase!", "This app connects to Postgres", "Data fetched from your database"]
            {
                try await connection.query("INSERT INTO notes.notes (content) VALUES (\(content))")
            }
        }
    }

    /// Waits as long as a sleeping compute may need; the pool itself waits no longer than a visitor would.
    func prepareWhenAwake() async throws {
        let started = ContinuousClock.now
        while true {
            let attempt = ContinuousClock.now
            do {
                return try await self.prepare()
            } catch let error as LakebaseError where error.code == .acquireTimedOut || error.code == .connectFailed {
                // What fails at once is no sleep but a mistake, to be told at once.
                let wasWaiting = ContinuousClock.now - attempt > .seconds(5)
                guard wasWaiting, ContinuousClock.now - started < .seconds(30) else { throw error }
            }
        }
    }

    /// The latest notes first.
    func latest(limit: Int = 100) async throws -> [Note] {
        try await self.lakebase
            .query("SELECT id, content, created_at FROM notes.notes ORDER BY created_at DESC, id DESC LIMIT \(limit)")
            .decode((Int, String, Date).self)
            .map { Note(id: $0.0, content: $0.1, createdAt: $0.2) }
    }

    func count() async throws -> Int {
        try await self.lakebase.query("SELECT count(*) FROM notes.notes").first?.decode(Int.self, at: 0) ?? 0
    }

    func add(_ content: String) async throws {
        try await self.lakebase.query("INSERT INTO notes.notes (content) VALUES (\(content))")
    }

    /// Changes a note; false when there is none of that number.
    func edit(_ id: Int, _ content: String) async throws -> Bool {
        try await self.lakebase
            .query("UPDATE notes.notes SET content = \(content) WHERE id = \(id)")
            .affectedRows == 1
    }

    /// Deletes a note; false when there is none of that number.
    func delete(_ id: Int) async throws -> Bool {
        try await self.lakebase.query("DELETE FROM notes.notes WHERE id = \(id)").affectedRows == 1
    }
}

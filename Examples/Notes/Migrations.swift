//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Lakebase

/// A step in the life of the database's schema.
struct Migration: Sendable {
    /// Its number: steps are made in this order, each once.
    var number: Int
    /// What it is about.
    var title: String
    /// Its statements, in order.
    var statements: [PQQuery]
}

extension Migration {
    /// Every step so far.
    ///
    /// What is in here has run somewhere, so it is never changed; changes are further steps.
    static let all: [Migration] = [
        Migration(
            number: 1, title: "notes",
            statements: [
                // As early versions of this app made it, which kept no record of it.
                """
                CREATE TABLE IF NOT EXISTS notes.notes (
                    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                    content text NOT NULL,
                    created_at timestamptz NOT NULL DEFAULT now()
                )
                """,
                """
                INSERT INTO notes.notes (content)
                SELECT content
                FROM unnest(ARRAY[
                    'Welcome to Lakebase!', 'This app connects to Postgres', 'Data fetched from your database'
                ]) AS content
                WHERE NOT EXISTS (SELECT FROM notes.notes)
                """,
            ]),
        Migration(
            number: 2, title: "notes of one's own",
            statements: [
                """
                ALTER TABLE notes.notes
                    ADD COLUMN author text NOT NULL DEFAULT coalesce(current_setting('notes.author', true), '')
                """,
                "CREATE INDEX ON notes.notes (author, created_at DESC, id DESC)",
                "ALTER TABLE notes.notes ENABLE ROW LEVEL SECURITY",
                // The app owns the table, and owners are exempt unless told otherwise.
                "ALTER TABLE notes.notes FORCE ROW LEVEL SECURITY",
                """
                CREATE POLICY own_notes ON notes.notes
                    USING (author = coalesce(current_setting('notes.author', true), ''))
                """,
            ]),
    ]

    /// Makes the steps that were not made yet, all of them or none.
    ///
    /// The app's role may create schemas in its database but nothing in `public`, so it has one of its own.
    ///
    /// - Returns: The numbers of the steps that were made.
    @discardableResult
    static func apply(_ migrations: [Migration] = Self.all, with lakebase: LakebaseClient) async throws -> [Int] {
        try await lakebase.withTransaction { connection in
            // Several instances of the app may start at once; the others wait here and then find everything done.
            try await connection.query("SELECT pg_advisory_xact_lock(hashtext('notes.migrations'))")
            try await connection.query("CREATE SCHEMA IF NOT EXISTS notes")
            try await connection.query(
                """
                CREATE TABLE IF NOT EXISTS notes.migrations (
                    number int PRIMARY KEY, title text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
                """)
            let done = try await connection.query("SELECT number FROM notes.migrations").map {
                try $0.decode(Int32.self, at: 0)
            }
            var made: [Int] = []
            for migration in migrations.sorted(by: { $0.number < $1.number })
            where !done.contains(Int32(migration.number)) {
                for statement in migration.statements { try await connection.query(statement) }
                try await connection.query(
                    "INSERT INTO notes.migrations (number, title) VALUES (\(Int32(migration.number)), \(migration.title))"
                )
                made.append(migration.number)
            }
            return made
        }
    }

    /// Waits as long as a sleeping compute may need; the pool itself waits no longer than a visitor would.
    @discardableResult
    static func applyWhenAwake(with lakebase: LakebaseClient) async throws -> [Int] {
        let started = ContinuousClock.now
        while true {
            let attempt = ContinuousClock.now
            do {
                return try await Self.apply(with: lakebase)
            } catch let error as LakebaseError where error.code == .acquireTimedOut || error.code == .connectFailed {
                // What fails at once is no sleep but a mistake, to be told at once.
                let wasWaiting = ContinuousClock.now - attempt > .seconds(5)
                guard wasWaiting, ContinuousClock.now - started < .seconds(30) else { throw error }
            }
        }
    }
}

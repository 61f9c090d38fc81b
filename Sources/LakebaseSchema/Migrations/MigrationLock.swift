//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
internal import Digests

/// The lock that one migrator of a database holds.
///
/// It is an advisory lock of the session, so that it goes with the session whatever happens to the process. It is asked for again and again
/// instead of waited for: a session that waits in a statement has a snapshot, and `CREATE INDEX CONCURRENTLY` of the migrator that works would wait
/// for that snapshot, each for the other.
struct MigrationLock: Sendable {
    /// How long until the next question.
    static let pause: Duration = .milliseconds(100)

    let key: Int64
    let limit: Duration

    init(schema: String, limit: Duration) {
        // Two sets of migrations in one database do not wait for each other.
        self.key = SHA256Hash(ofText: "lakebase migrations in \(schema)").int64
        self.limit = limit
    }

    func take(on connection: PQConnection) async throws {
        let deadline = ContinuousClock.now + self.limit
        while true {
            let rows = try await connection.query("SELECT pg_try_advisory_lock(\(self.key))")
            if try rows.decode(Bool.self).first == true { return }
            guard ContinuousClock.now < deadline else { break }
            try await Task.sleep(for: Self.pause)
        }
        throw MigrationError(
            .locked, "another migrator has been at work for \(self.limit): \(try await self.holder(connection))")
    }

    func giveBack(on connection: PQConnection) async throws {
        // Quiet about a lock that was never taken.
        try await connection.query(
            """
            SELECT pg_advisory_unlock(\(self.key)) WHERE EXISTS (
                SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
                AND objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = \(self.key))
            """)
    }

    /// Gives back what else the session locked, as often as it did.
    ///
    /// - Returns: Whether it holds the lock of migrators.
    @discardableResult
    func releaseOthers(on connection: PQConnection) async throws -> Bool {
        // A lock that was taken a thousand times over is no lock of a migration.
        for _ in 0..<1000 {
            // The halves of a key are unsigned there and signed in the functions.
            let held = try await connection.query(
                """
                SELECT objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = \(self.key), CASE
                    WHEN objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = \(self.key) THEN false
                    WHEN objsubid = 1 AND mode = 'ExclusiveLock'
                    THEN pg_advisory_unlock(classid::bigint << 32 | objid::bigint)
                    WHEN objsubid = 1 THEN pg_advisory_unlock_shared(classid::bigint << 32 | objid::bigint)
                    WHEN mode = 'ExclusiveLock'
                    THEN pg_advisory_unlock((classid::bigint << 32 >> 32)::int, (objid::bigint << 32 >> 32)::int)
                    ELSE pg_advisory_unlock_shared(
                        (classid::bigint << 32 >> 32)::int, (objid::bigint << 32 >> 32)::int)
                    END
                FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
                """
            ).decode((Bool, Bool).self)
            if held.allSatisfy(\.0) { return !held.isEmpty }
        }
        throw MigrationError(
            .failed,
            "a migration left advisory locks behind: give each back with pg_advisory_unlock, or use pg_advisory_xact_lock"
        )
    }

    /// Who has it, as far as one may see.
    private func holder(_ connection: PQConnection) async throws -> String {
        let rows = try await connection.query(
            """
            SELECT pid, usename::text FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'advisory' AND granted AND objsubid = 1
            AND (classid::bigint << 32 | objid::bigint) = \(self.key)
            """)
        guard let (pid, user) = try rows.decode((Int32, String?).self).first else {
            return "it has just ended; try again"
        }
        return "process \(pid) of \(user ?? "another role"); wait for it, or end it with pg_terminate_backend(\(pid))"
    }
}

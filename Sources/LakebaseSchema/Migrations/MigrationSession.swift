//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ

/// The session that migrations run in, while it holds the lock.
///
/// Each migration begins as in a new session. `DISCARD ALL` cannot be used for that, since it releases the lock.
struct MigrationSession {
    let connection: PQConnection
    let lock: MigrationLock
    /// The role that owns the objects that migrations create; the login role when nil.
    let owner: String?

    /// Prepares the session for a migration, without any state of the one before.
    func begin() async throws {
        try await self.clear()
        guard try await self.lock.releaseOthers(on: self.connection) else {
            throw MigrationError(
                .locked,
                "a migration released the lock that keeps other migrators away",
                remedy: "remove pg_advisory_unlock_all() from it")
        }
        // Texts are taken apart by these rules.
        try await self.connection.query("SET standard_conforming_strings = on")
        try await self.becomeOwner()
    }

    /// Assumes the role of the owner.
    func becomeOwner() async throws {
        guard let owner = self.owner else {
            // A migration may have changed it for itself.
            try await self.connection.query("RESET ROLE")
            return
        }
        do {
            try await self.connection.query("SET ROLE \(identifier: owner)")
        } catch let error as PQError where error.code == .server {
            throw MigrationError(
                .failed,
                "the role \(owner) cannot be assumed: \(error.message)",
                remedy: "create it, and grant it to the role that logs in",
                command: "GRANT \(PQQuery.quoteIdentifier(owner)) TO ROLE;", underlying: error)
        }
    }

    /// Leaves the session as it was found.
    ///
    /// A session that cannot be reset is closed, which releases the lock as well.
    func leave() async {
        do {
            try await self.clear()
            try await self.lock.release(on: self.connection)
            try await self.lock.releaseOthers(on: self.connection)
        } catch {
            await self.connection.close()
        }
    }

    /// Resets the state of the session: settings, roles, temporary tables, cursors, prepared statements, channels, values of sequences.
    private func clear() async throws {
        for statement in [
            "CLOSE ALL", "SET SESSION AUTHORIZATION DEFAULT", "RESET ALL", "RESET ROLE", "UNLISTEN *", "DISCARD TEMP",
            "DISCARD SEQUENCES", "DEALLOCATE ALL",
        ] {
            try await self.connection.query(PQQuery(unsafeSQL: statement))
        }
    }
}

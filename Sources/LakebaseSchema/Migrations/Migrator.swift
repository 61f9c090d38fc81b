//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
public import Lakebase
public import Logging

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Runs schema migrations.
///
/// ```swift
/// let migrator = Migrator(client: lakebase, logger: logger)
/// try await migrator.up(MigrationFolder(path: "migrations").migrations())
/// ```
///
/// One migrator runs at a time, whatever the number of processes: the others wait for a lock. Applied migrations are recorded in the table
/// `migrations` of a schema of its own, with a checksum that reveals later changes of their files. A suspended compute is woken.
public struct Migrator: Sendable {
    /// The options of a migrator.
    public struct Options: Sendable, Hashable {
        /// The schema with the table of applied migrations, created when it is missing.
        public var historySchema: String
        /// The role that owns the objects that migrations create, of which the login role must be a member; the login role when nil.
        public var owner: String?
        /// How long to wait for another migrator.
        public var lockLimit: Duration
        /// Whether a migration may run that is older than an applied one.
        public var allowsOutOfOrder: Bool

        /// The options, each with a default.
        public init(
            historySchema: String = "lakebase",
            owner: String? = nil,
            lockLimit: Duration = .seconds(60),
            allowsOutOfOrder: Bool = false
        ) {
            self.historySchema = historySchema
            self.owner = owner
            self.lockLimit = lockLimit
            self.allowsOutOfOrder = allowsOutOfOrder
        }
    }

    /// The result of a run.
    public struct Report: Sendable, Hashable {
        /// The migrations that ran or were undone, in order.
        public var migrations: [Migration]
        /// The role that ran the migrations, and owns the new objects.
        public var owner: String
    }

    /// The client of the database.
    public let client: LakebaseClient
    /// The options.
    public let options: Options
    private let logger: Logger

    /// Creates a migrator.
    ///
    /// - Parameters:
    ///   - client: A running client, which leases one connection for the whole run.
    ///   - options: The options.
    ///   - logger: The logger, which gets each migration at level info.
    public init(client: LakebaseClient, options: Options = .init(), logger: Logger) {
        self.client = client
        self.options = options
        self.logger = logger
    }

    /// Runs the pending migrations, in order.
    ///
    /// Each migration is committed by itself; the first failure stops the run, and earlier migrations stay applied.
    ///
    /// - Parameters:
    ///   - migrations: All migrations of the program.
    ///   - target: The number of the last one to run; nil for all.
    /// - Throws: ``MigrationError``; `LakebaseError` if the client could not connect; `CancellationError`.
    @discardableResult
    public func up(_ migrations: [Migration], to target: Int64? = nil) async throws -> Report {
        try await self.atWork { session, history in
            let plan = try MigrationPlan(migrations: migrations, applied: try await history.applied(session.connection))
            let wanted = try plan.up(to: target, allowsOutOfOrder: self.options.allowsOutOfOrder)
            for migration in wanted { try await self.apply(migration, in: session, history) }
            return wanted
        }
    }

    /// Undoes applied migrations, the newest first.
    ///
    /// - Parameters:
    ///   - migrations: All migrations of the program.
    ///   - target: The newest number afterwards, 0 for none; nil undoes the newest migration only.
    /// - Throws: As ``up(_:to:)``.
    @discardableResult
    public func down(_ migrations: [Migration], to target: Int64? = nil) async throws -> Report {
        try await self.atWork { session, history in
            let plan = try MigrationPlan(migrations: migrations, applied: try await history.applied(session.connection))
            let wanted = try plan.down(to: target)
            for migration in wanted { try await self.undo(migration, in: session, history) }
            return wanted
        }
    }

    /// Compares the migrations with the database; changes nothing and does not wait for the lock.
    public func status(_ migrations: [Migration]) async throws -> MigrationPlan {
        let history = MigrationHistory(schema: self.options.historySchema)
        return try await self.client.withConnection { connection in
            try MigrationPlan(migrations: migrations, applied: try await history.applied(connection))
        }
    }

    // MARK: One migration

    private func apply(_ migration: Migration, in session: MigrationSession, _ history: MigrationHistory) async throws {
        let started = ContinuousClock.now
        try await session.begin()
        let file = migration.source
        // Without a transaction it is written down first, so that a stop half-way is known about.
        try await self.run(file, inOneTransaction: migration.isTransactional, session) { connection in
            try await history.begin(migration, on: connection)
            try await self.run(migration.up, file: file, on: connection)
            try await session.becomeOwner()
            try await history.finish(migration, on: connection)
        }
        self.tell("Migration applied", migration, since: started)
    }

    private func undo(_ migration: Migration, in session: MigrationSession, _ history: MigrationHistory) async throws {
        guard let down = migration.down else { return }
        let started = ContinuousClock.now
        try await session.begin()
        let file = migration.downSource
        try await self.run(file, inOneTransaction: migration.isDownTransactional, session) { connection in
            try await self.run(down, file: file, on: connection)
            try await session.becomeOwner()
            try await history.remove(migration, on: connection)
        }
        self.tell("Migration undone", migration, since: started)
    }

    /// Runs the statements of a file, and adds the file to each failure.
    private func run(
        _ file: String, inOneTransaction: Bool, _ session: MigrationSession,
        _ body: (PQConnection) async throws -> Void
    ) async throws {
        var isAtCommit = false
        do {
            guard inOneTransaction else { return try await body(session.connection) }
            try await session.connection.withTransaction { connection in
                try await body(connection)
                isAtCommit = true
            }
        } catch let error as PQError {
            throw MigrationError(
                .failed, isAtCommit ? "all of its statements ran, and COMMIT failed: \(error)" : "\(error)", file: file,
                underlying: error)
        }
    }

    private func run(_ script: SQLScript, file: String, on connection: PQConnection) async throws {
        for statement in script.statements {
            do {
                try await connection.execute(script: statement.text)
            } catch let error as PQError {
                throw MigrationError.refused(statement, file: file, by: error)
            }
        }
    }

    private func tell(_ words: String, _ migration: Migration, since started: ContinuousClock.Instant) {
        self.logger.info(
            "\(words)",
            metadata: [
                "lakebase.migration.version": "\(migration.version)", "lakebase.migration.name": "\(migration.name)",
                "lakebase.duration": "\(ContinuousClock.now - started)",
            ])
    }

    // MARK: The lock

    /// Runs a body as the owner, while no other migrator runs.
    private func atWork(
        _ body: (MigrationSession, MigrationHistory) async throws -> [Migration]
    ) async throws -> Report {
        let history = MigrationHistory(schema: self.options.historySchema)
        return try await self.client.withConnection { connection in
            let lock = MigrationLock(schema: self.options.historySchema, limit: self.options.lockLimit)
            let session = MigrationSession(connection: connection, lock: lock, owner: self.options.owner)
            do {
                try await lock.acquire(on: connection)
                try await session.begin()
                try await history.make(on: connection)
                let done = try await body(session, history)
                let owner = try await connection.query("SELECT current_user::text").decode(String.self).first
                await session.leave()
                return Report(migrations: done, owner: owner ?? "")
            } catch {
                await connection.rollback()
                await session.leave()
                throw error
            }
        }
    }
}

extension MigrationError {
    /// The server refused a statement; the error has the line that the server means.
    static func refused(_ statement: SQLScript.Statement, file: String, by error: PQError) -> MigrationError {
        let isForbidden = error.sqlState == .activeSqlTransaction
        let remedy = "begin the file with '-- lakebase: no transaction', before its first statement"
        return MigrationError(
            .failed, "\(error)", file: file, line: statement.line(of: error), statement: statement.text,
            remedy: isForbidden ? remedy : nil, underlying: error)
    }
}

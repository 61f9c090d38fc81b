//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// An applied migration, as recorded in the database.
public struct AppliedMigration: Sendable, Hashable {
    /// Its number.
    public var version: Int64
    /// Its name at the time.
    public var name: String
    /// The checksum of its text at the time.
    public var checksum: String
    /// When it began.
    public var startedAt: Date
    /// When it ended; nil for a migration without a transaction that stopped half-way.
    public var finishedAt: Date?
    /// The role that ran it.
    public var appliedBy: String

    /// One from its parts.
    public init(
        version: Int64, name: String, checksum: String, startedAt: Date, finishedAt: Date?, appliedBy: String
    ) {
        self.version = version
        self.name = name
        self.checksum = checksum
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.appliedBy = appliedBy
    }
}

/// The comparison of a program's migrations with those that ran, decided without a database.
public struct MigrationPlan: Sendable, Hashable {
    /// The state of a migration.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// It ran and is unchanged.
        case applied
        /// It did not run.
        case pending
        /// It ran and was changed afterwards.
        case edited
        /// It ran, and its file is missing.
        case missing
        /// It stopped half-way, which only a migration without a transaction can.
        case unfinished
        /// It did not run, and is older than a migration that ran.
        case outOfOrder
    }

    /// One migration and its state.
    public struct Entry: Sendable, Hashable {
        /// Its number.
        public var version: Int64
        /// Its name.
        public var name: String
        /// Its state.
        public var state: State
        /// Its file, if it has one.
        public var source: String?
        /// Its record in the database.
        public var applied: AppliedMigration?
    }

    /// All migrations, in the order of their numbers.
    public let entries: [Entry]
    private let migrations: [Int64: Migration]

    /// Compares.
    ///
    /// - Throws: ``MigrationError`` when two migrations have one number.
    public init(migrations: [Migration], applied: [AppliedMigration]) throws(MigrationError) {
        var known: [Int64: Migration] = [:]
        for migration in migrations {
            if let other = known[migration.version] {
                throw MigrationError(
                    .invalid, "number \(migration.version) is also that of \(other.source)", file: migration.source,
                    remedy: "give it another number")
            }
            known[migration.version] = migration
        }
        let ran = Dictionary(applied.map { ($0.version, $0) }) { first, _ in first }
        let newest = applied.filter { $0.finishedAt != nil }.map(\.version).max() ?? 0
        self.migrations = known
        self.entries = Set(known.keys).union(ran.keys).sorted().map { version in
            let (migration, applied) = (known[version], ran[version])
            return Entry(
                version: version, name: migration?.name ?? applied?.name ?? "",
                state: Self.state(migration, applied, newest: newest), source: migration?.source, applied: applied)
        }
    }

    private static func state(_ migration: Migration?, _ applied: AppliedMigration?, newest: Int64) -> State {
        switch (migration, applied) {
        case (let migration?, let applied?):
            if applied.finishedAt == nil { return .unfinished }
            return migration.checksum == applied.checksum ? .applied : .edited
        case (let migration?, nil): return migration.version < newest ? .outOfOrder : .pending
        case (nil, _): return .missing
        }
    }

    /// Returns the migrations to run, in order, up to a version.
    ///
    /// A migration that stopped half-way runs again from its beginning.
    ///
    /// - Parameters:
    ///   - target: The last version to run; nil for all.
    ///   - allowsOutOfOrder: Whether a migration that is older than one already applied may run now.
    /// - Throws: ``MigrationError`` for the first migration that was edited, is missing, or comes too late.
    public func up(to target: Int64? = nil, allowsOutOfOrder: Bool = false) throws(MigrationError) -> [Migration] {
        for entry in self.entries {
            if let problem = self.problem(entry, allowsOutOfOrder: allowsOutOfOrder) { throw problem }
        }
        if let target, self.migrations[target] == nil {
            throw MigrationError(
                .invalid, "there is no migration with number \(target)",
                remedy: "choose the number of one of the migrations", command: "lakebase migrate status")
        }
        return self.entries.compactMap { entry in
            if let target, entry.version > target { return nil }
            switch entry.state {
            case .pending, .unfinished, .outOfOrder: return self.migrations[entry.version]
            case .applied, .edited, .missing: return nil
            }
        }
    }

    /// Returns the migrations to undo, the newest first.
    ///
    /// - Parameters:
    ///   - target: The newest version afterwards, 0 for none; nil undoes the newest migration only.
    /// - Throws: ``MigrationError`` when one of them cannot be undone, was edited or is missing; nothing is undone then.
    public func down(to target: Int64? = nil) throws(MigrationError) -> [Migration] {
        let ran = self.entries.filter { $0.applied != nil }.reversed()
        if let target, target != 0, self.entries.first(where: { $0.version == target })?.applied == nil {
            throw MigrationError(
                .invalid, "number \(target) did not run, so nothing can go back to it",
                remedy: "choose the number of a migration that ran", command: "lakebase migrate status")
        }
        let wanted = target.map { target in ran.filter { $0.version > target } } ?? Array(ran.prefix(1))
        var migrations: [Migration] = []
        for entry in wanted {
            if entry.state != .unfinished, let problem = self.problem(entry, allowsOutOfOrder: true) { throw problem }
            guard let migration = self.migrations[entry.version] else { continue }
            guard migration.down != nil else {
                throw MigrationError(
                    .irreversible, "it cannot be undone: there is no \(migration.downSource)", file: migration.source,
                    remedy: "write \(migration.downSource), or restore an earlier state of the branch")
            }
            migrations.append(migration)
        }
        return migrations
    }

    /// Whether the database has exactly these migrations, all of them finished.
    public var isComplete: Bool { self.entries.allSatisfy { $0.state == .applied } }

    private func problem(_ entry: Entry, allowsOutOfOrder: Bool) -> MigrationError? {
        let file = entry.source ?? "\(entry.version)_\(entry.name).sql"
        switch entry.state {
        case .applied, .pending, .unfinished: return nil
        case .edited:
            return MigrationError(.edited, "it ran already and was changed afterwards", file: file)
        case .missing:
            return MigrationError(.missing, "it ran, and its file is missing", file: file)
        case .outOfOrder:
            return allowsOutOfOrder
                ? nil
                : MigrationError(.outOfOrder, "a newer migration ran already", file: file)
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import GRDB
package import LocalGround
package import Secrets

/// The resources on disk: SQLite in the data directory.
///
/// Every change is one transaction, which also contains the remaining work; so the next start finds either none of
/// a change or all of what it needs to finish it.
package final class ResourceStore: Sendable {
    let queue: DatabaseQueue
    /// The file.
    let path: String

    /// Opens or creates the file at `path`.
    ///
    /// - Parameter durable: Whether a change survives a power failure; it survives the end of this process either way.
    package init(path: String, durable: Bool) throws(LocalLakebaseError) {
        self.path = path
        var configuration = Configuration()
        configuration.label = "lakebase.resources"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA synchronous = \(durable ? "FULL" : "OFF")")
        }
        do {
            // Made here so that it is its owner's only from the first moment on.
            let descriptor = OwnFile.open(path, O_RDWR | O_CREAT)
            guard descriptor >= 0 else { throw PrivateFile.Failure(operation: "create", path: path, code: errno) }
            _ = Foundation.close(descriptor)
            self.queue = try DatabaseQueue(path: path, configuration: configuration)
            try Schema.migrator.migrate(self.queue)
        } catch {
            throw LocalLakebaseError(
                .dataDirectory, "\(path) cannot be used: \(error).",
                remedy: "If a newer lakebase wrote it, use that one; else choose another folder with --data.",
                underlying: error
            )
        }
    }

    /// Reads the resources and the operations in progress.
    package func load() throws -> WorkspaceState {
        try self.queue.read { database in
            var inventory = WorkspaceState()
            for record in try ProjectRecord.fetchAll(database) { inventory.projects[record.id] = record }
            for record in try BranchRecord.fetchAll(database) { inventory.branches[record.name] = record }
            for record in try EndpointRecord.fetchAll(database) { inventory.endpoints[record.name] = record }
            for record in try RoleRecord.fetchAll(database) { inventory.roles[record.name] = record }
            for record in try DatabaseRecord.fetchAll(database) { inventory.databases[record.name] = record }
            for record in try OperationRecord.filter(sql: "isDone = 0").fetchAll(database) {
                inventory.operations[record.name] = record
            }
            return inventory
        }
    }

    /// Writes the differences, and a finished operation, in one transaction.
    package func save(from old: WorkspaceState, to new: WorkspaceState, finished: OperationRecord? = nil) throws {
        try self.queue.write { database in
            var old = old
            // A branch whose name another one has now goes with all that is below, passwords of its roles too.
            for (name, branch) in old.branches where new.branches[name].map({ $0.uid != branch.uid }) == true {
                try branch.delete(database)
                old.forgetBranch(name)
            }
            // What others refer to comes first, and goes last: the schema removes the rows below.
            try Self.write(old.projects, new.projects, database)
            try Self.write(old.branches, new.branches, database)
            try Self.write(old.endpoints, new.endpoints, database)
            try Self.write(old.roles, new.roles, database)
            try Self.write(old.databases, new.databases, database)
            for (name, operation) in new.operations where old.operations[name] != operation {
                try operation.save(database)
            }
            try finished?.save(database)
        }
    }

    private static func write<Record: PersistableRecord & Equatable>(
        _ old: [String: Record], _ new: [String: Record], _ database: GRDB.Database
    ) throws {
        for (key, record) in old where new[key] == nil { try record.delete(database) }
        for (key, record) in new where old[key] != record { try record.upsert(database) }
    }

    /// An operation, done or not.
    package func operation(named name: String) throws -> OperationRecord? {
        try self.queue.read { try OperationRecord.fetchOne($0, key: name) }
    }

    // MARK: Passwords of roles

    /// The password that was created for a role.
    package func password(ofRole name: String) throws -> Secret? {
        try self.queue.read { database in
            try String.fetchOne(database, sql: "SELECT text FROM password WHERE role = ?", arguments: [name])
        }.map { Secret($0) }
    }

    /// Stores a role's password.
    package func keep(_ password: Secret, ofRole name: String) throws {
        try self.queue.write { database in
            try password.withUnsafeValue { text in
                try database.execute(
                    sql:
                        "INSERT INTO password (role, text) VALUES (?, ?) ON CONFLICT (role) DO UPDATE SET text = excluded.text",
                    arguments: [name, text]
                )
            }
        }
    }

    /// Copies the passwords of a branch's roles to the roles of the same name on another branch.
    package func copyPasswords(from source: String, to branch: String) throws {
        try self.queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO password (role, text)
                    SELECT heir.name, password.text
                    FROM password JOIN role ON role.name = password.role
                    JOIN role AS heir ON heir.branch = ? AND heir.id = role.id
                    WHERE role.branch = ?
                    ON CONFLICT (role) DO NOTHING
                    """,
                arguments: [branch, source]
            )
        }
    }

    /// Closes the file.
    package func close() { try? self.queue.close() }
}

extension ProjectRecord: FetchableRecord, PersistableRecord { package static let databaseTableName = "project" }
extension BranchRecord: FetchableRecord, PersistableRecord { package static let databaseTableName = "branch" }
extension EndpointRecord: FetchableRecord, PersistableRecord { package static let databaseTableName = "endpoint" }
extension RoleRecord: FetchableRecord, PersistableRecord { package static let databaseTableName = "role" }
extension DatabaseRecord: FetchableRecord, PersistableRecord { package static let databaseTableName = "database" }
extension OperationRecord: FetchableRecord, PersistableRecord { package static let databaseTableName = "operation" }

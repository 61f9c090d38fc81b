//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import Foundation
import LocalGround

/// The rules for databases (reference: Database).
extension WorkspaceState {
    private static let reserved: Set<String> = ["postgres", "template0", "template1"]

    mutating func createDatabase(
        _ branchName: String, _ given: String?, _ body: Postgres.Database, replace: Bool, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        let branch = try self.liveBranch(branchName)
        let id = try ResourceName.givenID(given, field: "database_id", replaces: replace)
        guard let spec = body.spec, let owner = spec.role, !owner.isEmpty else { throw .missing("database.spec.role") }
        guard let postgresDatabase = spec.postgresDatabase, !postgresDatabase.isEmpty else {
            throw .missing("database.spec.postgres_database")
        }
        let role = try self.owner(owner, on: branch)
        if replace, let id, let existing = self.databases["\(branch.name)/databases/\(id)"] {
            var database = existing
            database.postgresDatabase = try self.newName(postgresDatabase, for: existing)
            database.role = role.name
            return try self.change(database, from: existing, &context)
        }
        let databases = self.databases(of: branch.name)
        guard !databases.contains(where: { $0.id == id || $0.postgresDatabase.isExactly(postgresDatabase) }) else {
            throw Self.duplicate
        }
        try Self.checkDatabaseName(postgresDatabase)
        let madeID =
            id
            ?? ResourceName.derivedID(from: postgresDatabase, prefix: "db") { candidate in
                databases.contains { $0.id == candidate }
            }
        let database = DatabaseRecord(
            name: "\(branch.name)/databases/\(madeID)", branch: branch.name, id: madeID, createTime: context.now,
            updateTime: context.now, postgresDatabase: postgresDatabase, role: role.name
        )
        let operation = try self.begin(
            .makeDatabase(database.name), kind: "Database", target: database.name, shared: [branch.name, role.name],
            exclusive: [database.name], &context
        )
        self.databases[database.name] = database
        return operation
    }

    private static var duplicate: APIFailure {
        APIFailure(400, "BAD_REQUEST", "database with that name already exists")
    }

    private func owner(_ name: String, on branch: BranchRecord) throws(APIFailure) -> RoleRecord {
        guard let role = self.roles[name], role.branch == branch.name else {
            throw .notFound("role not found; role_id:\"\(ResourceName.id(of: name))\"")
        }
        return role
    }

    private static func checkDatabaseName(_ name: String) throws(APIFailure) {
        guard name.utf8.count <= 63, !name.utf8.contains(0) else {
            throw .invalid("Field 'database.spec.postgres_database' must have at most 63 bytes.")
        }
        guard !Self.reserved.contains(name) else { throw Self.duplicate }
    }

    private func newName(_ name: String, for database: DatabaseRecord) throws(APIFailure) -> String {
        guard !name.isExactly(database.postgresDatabase) else { return name }
        guard !self.databases(of: database.branch).contains(where: { $0.postgresDatabase.isExactly(name) }) else {
            throw Self.duplicate
        }
        try Self.checkDatabaseName(name)
        return name
    }

    mutating func updateDatabase(
        _ name: String, _ body: Postgres.Database, _ mask: RequestedFields, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        let existing = try self.database(name)
        let selected = try mask.select(from: .database)
        var database = existing
        if selected.contains("spec.postgres_database"), let wanted = body.spec?.postgresDatabase {
            guard !wanted.isEmpty else { throw .missing("database.spec.postgres_database") }
            database.postgresDatabase = try self.newName(wanted, for: existing)
        }
        if selected.contains("spec.role"), let owner = body.spec?.role {
            database.role = try self.owner(owner, on: self.liveBranch(existing.branch)).name
        }
        return try self.change(database, from: existing, &context)
    }

    private mutating func change(
        _ changed: DatabaseRecord, from previous: DatabaseRecord, _ context: inout Context
    ) throws(APIFailure) -> OperationRecord {
        var database = changed
        database.updateTime = context.now
        let operation = try self.begin(
            .changeDatabase(previous: previous), kind: "Database", target: database.name,
            shared: [database.branch, database.role], exclusive: [database.name], &context
        )
        self.databases[database.name] = database
        return operation
    }

    mutating func deleteDatabase(_ name: String, _ context: inout Context) throws(APIFailure) -> OperationRecord {
        let database = try self.database(name)
        return try self.begin(
            .removeDatabase(name), kind: "Database", target: name, shared: [database.branch], exclusive: [name],
            &context
        )
    }
}

extension DatabaseRecord {
    /// The database with which every project begins.
    init(initialOn branch: String, owner: String, now: Date) {
        self.init(
            name: "\(branch)/databases/\(LocalProject.databaseID)", branch: branch, id: LocalProject.databaseID,
            createTime: now, updateTime: now, postgresDatabase: PostgresConventions.database, role: owner
        )
    }
}

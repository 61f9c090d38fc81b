//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Digests
import Lakebase
import LakebaseSchema

/// Roles, schema, migrations and privileges.
extension DeployExecutor {
    /// How long a login is tried again that a new database refuses; an official kit of Databricks waits as long.
    private static let patience = Duration.seconds(60)

    /// Runs a body with a client of the database.
    func inDatabase<Value: Sendable>(
        _ database: String? = nil, _ body: @Sendable (LakebaseClient) async throws -> Value
    ) async throws -> Value {
        try await self.reader.withDatabase(
            self.desired.lakebase.target, database ?? self.desired.lakebase.database,
            schema: database == nil ? self.desired.lakebase.schema : nil, as: try await self.reader.userName(),
            patience: Self.patience, body)
    }

    /// Runs a body while nobody else deploys to the schema.
    ///
    /// The lock is one of the session, so that it goes with the process. It is asked for again and again instead of waited for; see `MigrationLock`.
    private func locked<Value: Sendable>(
        _ body: @escaping @Sendable (LakebaseClient) async throws -> Value
    ) async throws -> Value {
        let key = SHA256Hash(ofText: "lakebase deploys \(self.desired.lakebase.schema)").int64
        let (limit, report) = (self.options.lockLimit, self.report)
        return try await self.inDatabase { client in
            try await client.withConnection { connection in
                let deadline = ContinuousClock.now + limit
                while try await !Self.tryLock(key, connection) {
                    guard ContinuousClock.now < deadline else {
                        throw DeployError(
                            .busy, "another deployment has been using this schema for \(limit)",
                            remedy: "wait until it is done, and run this again")
                    }
                    report(.progress("waiting for another deployment to this schema"))
                    try await Task.sleep(for: .milliseconds(200))
                }
                let result: Result<Value, any Error>
                do {
                    result = .success(try await body(client))
                } catch {
                    result = .failure(error)
                }
                // Quiet when the session is gone, and the lock with it.
                _ = try? await connection.query("SELECT pg_advisory_unlock(\(key))")
                return try result.get()
            }
        }
    }

    private static func tryLock(_ key: Int64, _ connection: PQConnection) async throws -> Bool {
        let rows = try await connection.query("SELECT pg_try_advisory_lock(\(key))")
        return try rows.decode(Bool.self).first == true
    }

    func createOwner(_ name: String) async throws {
        try await self.locked { client in
            try await client.withTransaction { connection in
                let isThere = try await connection.query(
                    "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = \(name))"
                ).decode(Bool.self).first
                guard isThere != true else { return }
                try await connection.query("CREATE ROLE \(identifier: name) NOLOGIN")
                try await connection.query("GRANT \(identifier: name) TO CURRENT_USER")
            }
        }
    }

    func createSchema(_ name: String, owner: String?) async throws {
        try await self.locked { client in
            try await client.withConnection { connection in
                try await Self.make(schema: name, owner: owner, on: connection)
            }
        }
    }

    private static func make(schema: String, owner: String?, on connection: PQConnection) async throws {
        guard let owner else {
            try await connection.query("CREATE SCHEMA IF NOT EXISTS \(identifier: schema)")
            return
        }
        let isMember = try await connection.query("SELECT pg_has_role(current_user, \(owner), 'MEMBER')")
        guard try isMember.decode(Bool.self).first == true else {
            throw DeployError(
                .failed, "the deploying role is not a member of the role \(owner), which is to own schema and tables",
                remedy: "as a member or its creator: GRANT \(PQQuery.quoteIdentifier(owner)) TO the deploying role")
        }
        try await connection.query(
            "CREATE SCHEMA IF NOT EXISTS \(identifier: schema) AUTHORIZATION \(identifier: owner)")
    }

    func migrate() async throws {
        let (database, desired, report) = (self.reader.database, self.desired, self.report)
        try await self.locked { client in
            if let owner = desired.owner {
                // An owner need not have the right to make schemas, so the one of the history is made for it.
                try await client.withConnection { connection in
                    try await Self.make(schema: desired.historySchema, owner: owner, on: connection)
                }
            }
            let done = try await database.migrator(desired, client).up(desired.migrations)
            for migration in done.migrations { report(.note("ran \(migration.source)")) }
        }
    }

    func give(_ grant: DesiredState.Grant) async throws {
        let deployer = try await self.reader.userName()
        let role = try await self.role(of: grant.grantee)
        let set = grant.set(role: role, self.desired, deployer: deployer)
        try await self.locked { client in _ = try await GrantManager(client: client).apply(set) }
    }

    /// The name of the role of a principal, once it is there.
    private func role(of grantee: DesiredState.Grantee) async throws -> String {
        guard grantee == .app else { return grantee.role(app: nil) ?? "" }
        guard let name = try await self.workspace.apps.get(self.desired.app).servicePrincipalClientID else {
            throw DeployError(
                .failed, "the app \(self.desired.app) has no service principal, and so nobody to give privileges to",
                remedy: "look at the app in the workspace; deleting and making it anew gives it one")
        }
        // The platform makes it with the resource, and may take a moment.
        let isThere = try await self.inDatabase { client in
            let deadline = ContinuousClock.now + .seconds(30)
            repeat {
                let rows = try await client.query(
                    "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = \(name))")
                if try rows.decode(Bool.self).first == true { return true }
                try await Task.sleep(for: .milliseconds(500))
            } while ContinuousClock.now < deadline
            return false
        }
        if !isThere { try await self.createRole(.principal(.servicePrincipal(name))) }
        return name
    }

    // MARK: Roles

    func createRole(_ grantee: DesiredState.Grantee) async throws {
        guard case .principal(let principal) = grantee else { return }
        let manager = RoleManager(workspace: self.workspace, place: self.desired.lakebase.target.rolePlace)
        try await manager.create(try principal.wantedRole)
    }
}

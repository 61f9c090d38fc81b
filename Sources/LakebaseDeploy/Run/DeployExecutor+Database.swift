//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Crypto
import Databricks
import Lakebase
import LakebaseSchema

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Roles, schema, migrations and privileges.
extension DeployExecutor {
    /// How long a login is tried again that a new database refuses; an official kit of Databricks waits as long.
    private static let patience = Duration.seconds(60)

    /// Runs a body with a client of the database.
    func inDatabase<Value: Sendable>(
        _ database: String? = nil, _ body: @Sendable (LakebaseClient) async throws -> Value
    ) async throws -> Value {
        try await self.deployer.withDatabase(
            self.desired.lakebase.target, database ?? self.desired.lakebase.database,
            schema: database == nil ? self.desired.lakebase.schema : nil, as: try await self.deployer.userName(),
            patience: Self.patience, body)
    }

    /// Runs a body while nobody else deploys to the schema.
    ///
    /// The lock is one of the session, so that it goes with the process. It is asked for again and again instead of waited for; see `MigrationLock`.
    private func locked<Value: Sendable>(
        _ body: @escaping @Sendable (LakebaseClient) async throws -> Value
    ) async throws -> Value {
        let digest = SHA256.hash(data: Data("lakebase deploys \(self.desired.lakebase.schema)".utf8))
        let key = digest.prefix(8).reduce(0) { ($0 << 8) | Int64($1) }
        let (limit, report) = (self.options.lockLimit, self.report)
        return try await self.inDatabase { client in
            try await client.withConnection { connection in
                let deadline = ContinuousClock.now + limit
                while try await !Self.tryLock(key, connection) {
                    guard ContinuousClock.now < deadline else {
                        throw DeployError(
                            .busy, "somebody else has been deploying to this schema for \(limit)",
                            remedy: "wait until it is done, and run this again")
                    }
                    report(.progress("waiting for somebody else who deploys to this schema"))
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

    func createSchema(_ name: String, owner: String?) async throws {
        try await self.locked { client in
            try await client.withConnection { connection -> Void in
                if let owner {
                    try await connection.query(
                        "CREATE SCHEMA IF NOT EXISTS \(identifier: name) AUTHORIZATION \(identifier: owner)")
                } else {
                    try await connection.query("CREATE SCHEMA IF NOT EXISTS \(identifier: name)")
                }
            }
        }
    }

    func migrate() async throws {
        let (deployer, desired, report) = (self.deployer, self.desired, self.report)
        try await self.locked { client in
            let done = try await deployer.migrator(desired, client).up(desired.migrations)
            for migration in done.migrations { report(.note("ran \(migration.source)")) }
        }
    }

    func give(_ grant: DesiredState.Grant) async throws {
        let deployer = try await self.deployer.userName()
        let role = try await self.role(of: grant.grantee)
        let set = grant.set(role: role, self.desired, deployer: deployer)
        try await self.locked { client in _ = try await GrantManager(client: client).apply(set) }
    }

    /// The name of the role of somebody, once it is there.
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
        switch self.desired.lakebase.target {
        case .autoscaling(let place): try await self.createRole(grantee, on: place.branchName)
        case .provisioned(let place): try await self.createRole(grantee, ofInstance: place.instance)
        }
    }

    private func createRole(_ grantee: DesiredState.Grantee, on branch: String) async throws {
        guard let (name, type) = grantee.identity else { return }
        let postgres = self.workspace.postgres
        func find() async throws -> Postgres.RoleStatus? {
            try await postgres.listRoles(parent: branch).all().first { $0.status?.postgresRole == name }?.status
        }
        let spec = Postgres.RoleSpec(
            postgresRole: name, identityType: Postgres.RoleIdentityType(rawValue: type), authMethod: .oauth)
        let found = try await self.finding(find) {
            _ = try await self.wait(try await postgres.createRole(Postgres.Role(spec: spec), parent: branch))
        }
        guard found?.identityType?.rawValue == type, found?.authMethod != .password else {
            throw Self.otherRole(
                name, wanted: "\(type), login by OAuth",
                found: "\(found?.identityType?.rawValue ?? "?"), \(found?.authMethod?.rawValue ?? "?")")
        }
    }

    private func createRole(_ grantee: DesiredState.Grantee, ofInstance instance: String) async throws {
        guard let (name, type) = grantee.identity else { return }
        let database = self.workspace.database
        func find() async throws -> Database.InstanceRole? {
            try await database.listDatabaseInstanceRoles(instance: instance).all().first { $0.name == name }
        }
        let role = Database.InstanceRole(name: name, identityType: .init(rawValue: type))
        let found = try await self.finding(find) {
            _ = try await database.createDatabaseInstanceRole(role, instance: instance)
        }?.identityType
        guard found?.rawValue == type else {
            throw Self.otherRole(name, wanted: type, found: found?.rawValue ?? "?")
        }
    }

    /// What is found, made first if there is none.
    ///
    /// A name that somebody else has taken meanwhile is a wrong request to these calls, and not a conflict.
    private func finding<Value>(
        _ find: () async throws -> Value?, orMaking make: () async throws -> Void
    ) async throws -> Value? {
        if let found = try await find() { return found }
        do {
            try await make()
        } catch let error as DatabricksError where error.code == .invalidRequest || error.code == .conflict {
            guard let found = try await find() else { throw error }
            return found
        }
        return try await find()
    }

    private static func otherRole(_ name: String, wanted: String, found: String) -> DeployError {
        DeployError(
            .conflict, "there is a role \(name) of another kind", details: ["there:  \(found)", "wanted: \(wanted)"],
            remedy: "hand over what it owns and delete it (lakebase roles delete), or use another name")
    }
}

extension DesiredState.Grantee {
    /// Name and kind as the APIs call them; nil for the app, whose name is not known here.
    fileprivate var identity: (name: String, type: String)? {
        switch self {
        case .app: nil
        case .principal(.user(let name)): (name, "USER")
        case .principal(.servicePrincipal(let name)): (name, "SERVICE_PRINCIPAL")
        case .principal(.group(let name)): (name, "GROUP")
        }
    }
}

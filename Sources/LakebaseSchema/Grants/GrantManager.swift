//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
public import Lakebase

/// Grants privileges to roles, and checks the result.
///
/// ```swift
/// let grants = GrantManager(client: lakebase)
/// try await grants.apply(GrantSet(.app, role: app, database: "databricks_postgres", schema: "app", creators: [owner]))
/// ```
///
/// PostgreSQL answers a `GRANT` by a role without the grant option with a warning only, and does nothing. So the privileges are
/// read afterwards, and everything is rolled back when one is missing.
public struct GrantManager: Sendable {
    /// The client of the database.
    public let client: LakebaseClient

    /// Creates a manager that uses a client, which must be running.
    public init(client: LakebaseClient) { self.client = client }

    /// Returns the name of the connected database.
    public func database() async throws -> String {
        let names = try await self.client.query("SELECT current_database()::text").decode(String.self)
        return names.first ?? ""
    }

    /// Returns the state in the catalogue.
    public func facts(for set: GrantSet) async throws -> GrantFacts {
        try await self.client.withConnection { connection in try await GrantCatalogue.read(set, on: connection) }
    }

    /// Returns what ``apply(_:creatingRole:)`` would do; changes nothing.
    public func plan(_ set: GrantSet, creatingRole identity: RoleIdentity? = nil) async throws -> GrantPlan {
        try await self.client.withConnection { connection in try await Self.plan(set, identity, on: connection) }
    }

    /// Grants the missing privileges in one transaction, and checks the result.
    ///
    /// - Parameters:
    ///   - set: The privileges of the role.
    ///   - identity: The identity for which a missing role is created; nil when a missing role is an error. Creating it requires what
    ///     ``RoleManager/init(client:)`` says.
    /// - Returns: The plan that was carried out; empty when nothing was missing.
    /// - Throws: ``GrantError``: `ineffective` when the server accepted a GRANT and did nothing. ``RoleError`` when the role cannot be created, or
    ///   exists and cannot be used. Nothing is changed then.
    @discardableResult
    public func apply(_ set: GrantSet, creatingRole identity: RoleIdentity? = nil) async throws -> GrantPlan {
        try await CatalogueChange.run(on: self.client) { connection in
            if identity != nil { try await CatalogueRoles.prepare(on: connection) }
            let plan = try await Self.plan(set, identity, on: connection)
            if let role = plan.newRole { try await CatalogueRoles.make(role, on: connection) }
            try await Self.run(plan, on: connection)
            let missing = try GrantPlan.missing(set, facts: try await GrantCatalogue.read(set, on: connection))
            guard missing.isEmpty else {
                throw GrantError(
                    .ineffective,
                    "the server accepted every GRANT, and these privileges are still missing",
                    missing: missing)
            }
            return plan
        }
    }

    /// Returns the missing privileges of a role; changes nothing.
    public func verify(_ set: GrantSet) async throws -> [String] {
        try GrantPlan.missing(set, facts: try await self.facts(for: set))
    }

    /// Revokes all privileges of the role itself in the schema and on the database, and reads what is left.
    ///
    /// - Returns: The plan that was carried out, and in ``GrantPlan/left`` each remaining access, with the statement that ends it: by PUBLIC, as a
    ///   member of another role, as owner, or by default privileges that the current user may not change or that apply to every schema.
    /// - Throws: ``GrantError``, after which nothing is changed: `ineffective` when the server accepted every REVOKE and a privilege of the role
    ///   still exists, because another role granted it.
    @discardableResult
    public func revoke(_ set: GrantSet) async throws -> GrantPlan {
        try await CatalogueChange.run(on: self.client) { connection in
            let plan = try GrantPlan.revoking(set, facts: try await GrantCatalogue.read(set, on: connection))
            try await Self.run(plan, on: connection)
            let rest = try GrantPlan.revoking(set, facts: try await GrantCatalogue.read(set, on: connection))
            let left = RemainingAccess.list(set, try await AccessCatalogue.read(set, on: connection))
            guard rest.statements.isEmpty else {
                throw GrantError(
                    .ineffective,
                    "the server accepted every REVOKE, and these privileges still exist",
                    missing: left.filter { $0.way == .direct }.map(\.description),
                    remedy: "run this as the role that granted them: no other role can revoke them")
            }
            return GrantPlan(statements: plan.statements, left: left)
        }
    }

    /// Returns how a role has access to the objects of a set, beyond what ``revoke(_:)`` would revoke; changes nothing.
    public func remainingAccess(_ set: GrantSet) async throws -> [RemainingAccess] {
        try await self.client.withConnection { connection in
            RemainingAccess.list(set, try await AccessCatalogue.read(set, on: connection))
        }
    }

    /// Returns the privileges that are left out; see ``GrantPlan/notes``.
    public func leftOut(_ set: GrantSet) async throws -> [String] {
        GrantPlan.notes(set, try await self.facts(for: set))
    }

    private static func plan(
        _ set: GrantSet, _ identity: RoleIdentity?, on connection: PQConnection
    ) async throws -> GrantPlan {
        let facts = try await GrantCatalogue.read(set, on: connection)
        guard let identity else { return try GrantPlan.granting(set, facts: facts) }
        let wanted = try WantedRole(name: set.role, identity: identity)
        let plan = try await RoleSighting.plan(wanted) {
            try await CatalogueRoles.role(named: wanted.name, on: connection)
        }
        switch plan {
        case .create: return try GrantPlan.granting(set, facts: facts, newRole: wanted)
        case .keep: return try GrantPlan.granting(set, facts: facts)
        case .conflict: throw RoleError(.conflict, plan.advice?.message ?? "", remedy: plan.advice?.remedy)
        }
    }

    private static func run(_ plan: GrantPlan, on connection: PQConnection) async throws {
        for statement in plan.statements {
            do {
                try await connection.execute(script: statement)
            } catch let error as PQError where error.code == .server {
                throw GrantError(
                    .failed, "the server refused: \(error.message)", statement: statement, underlying: error)
            }
        }
    }
}

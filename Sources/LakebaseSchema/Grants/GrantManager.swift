//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
public import Lakebase

/// Gives roles what they are to have, and looks whether they have it.
///
/// ```swift
/// let grants = GrantManager(client: lakebase)
/// try await grants.apply(GrantSet(.app, role: app, database: "databricks_postgres", schema: "app", creators: [owner]))
/// ```
///
/// PostgreSQL answers a `GRANT` of a role that has not the right to give with a warning only, and does nothing. So what was given is
/// looked up afterwards, and everything is taken back when it is not there.
public struct GrantManager: Sendable {
    /// Where the database is.
    public let client: LakebaseClient

    /// A manager that works through a client, which has to run.
    public init(client: LakebaseClient) { self.client = client }

    /// The name of the database that is connected to.
    public func database() async throws -> String {
        let names = try await self.client.query("SELECT current_database()::text").decode(String.self)
        return names.first ?? ""
    }

    /// What the catalogue says.
    public func facts(for set: GrantSet) async throws -> GrantFacts {
        try await self.client.withConnection { connection in try await GrantCatalogue.read(set, on: connection) }
    }

    /// What ``apply(_:creatingRole:)`` would say; changes nothing.
    public func plan(_ set: GrantSet, creatingRole identity: RoleIdentity? = nil) async throws -> GrantPlan {
        try await self.client.withConnection { connection in try await Self.plan(set, identity, on: connection) }
    }

    /// Gives what is missing, in one transaction, and looks whether it is there.
    ///
    /// - Parameters:
    ///   - set: What the role is to have.
    ///   - identity: What the role is made for when it is not there; nil when a missing role is an error. Making it takes what
    ///     ``RoleManager/init(client:)`` says.
    /// - Returns: What was said; nothing when nothing was missing.
    /// - Throws: ``GrantError``: `ineffective` when the server said yes and did nothing. ``RoleError`` when the role cannot be made, or is
    ///   there and cannot serve. Nothing is changed then.
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
                    "the server took every GRANT, and these privileges are not there all the same: let the owner of the objects give them",
                    missing: missing)
            }
            return plan
        }
    }

    /// What a role is to have and has not; changes nothing.
    public func verify(_ set: GrantSet) async throws -> [String] {
        try GrantPlan.missing(set, facts: try await self.facts(for: set))
    }

    /// Takes back everything that was given to the role itself in the schema and on the database, and looks what is left.
    ///
    /// - Returns: What was said, and in ``GrantPlan/left`` each way by which the role still has something, with what takes it away: as everybody, as
    ///   member of another role, as owner, or by default privileges that the role that works may not change or that count for every schema.
    /// - Throws: ``GrantError``, after which nothing is changed: `ineffective` when the server took every REVOKE and something that names the role
    ///   is there all the same, since another role gave it.
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
                    "the server took every REVOKE, and this is there all the same: only the role that gave it can take it back",
                    missing: left.filter { $0.way == .direct }.map(\.description))
            }
            return GrantPlan(statements: plan.statements, left: left)
        }
    }

    /// How a role reaches the objects of a set now, beyond what ``revoke(_:)`` would take back; changes nothing.
    public func remainingAccess(_ set: GrantSet) async throws -> [RemainingAccess] {
        try await self.client.withConnection { connection in
            RemainingAccess.list(set, try await AccessCatalogue.read(set, on: connection))
        }
    }

    /// What is wanted and left out; see ``GrantPlan/notes``.
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
        case .conflict: throw RoleError(.conflict, plan.problem ?? "")
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

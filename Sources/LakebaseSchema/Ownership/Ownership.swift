//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
public import Lakebase

/// Transfers objects from one role to another.
///
/// An app that is deleted and created again has a new service principal, which may not alter the tables of the old one: no privilege makes it their owner.
public struct Ownership: Sendable {
    /// The client of the database.
    public let client: LakebaseClient

    /// Creates a value that works through a client, which must be running.
    public init(client: LakebaseClient) { self.client = client }

    /// Returns the objects and privileges of roles in the database.
    ///
    /// - Parameter roles: The names of the roles; all roles when nil. Roles that do not exist are left out.
    public func holdings(of roles: [String]? = nil) async throws -> RoleHoldings {
        try await self.client.withConnection { connection in try await HoldingsCatalogue.read(roles, on: connection) }
    }

    /// Returns what ``transfer(from:to:schema:)`` would do; changes nothing.
    ///
    /// - Throws: ``RoleError``: `unknownSchema` for a schema that is not there, and what ``TransferPlan/init(from:to:schema:holdings:)`` throws.
    public func planTransfer(from: String, to: String, schema: String? = nil) async throws -> TransferPlan {
        try await self.client.withConnection { connection in
            try await Self.plan(from, to, schema, on: connection)
        }
    }

    /// Transfers a role's objects to another role in one transaction, and checks the result.
    ///
    /// The current user becomes a member of the two roles for the duration of the transaction, where it is none.
    ///
    /// - Parameters:
    ///   - from: The owner.
    ///   - to: The new owner.
    ///   - schema: The schema, itself included; nil for everything in the database.
    /// - Returns: The plan that was carried out, with what stayed with the old role.
    /// - Throws: As ``planTransfer(from:to:schema:)``; `notAllowed` and `failed` for refusals, `ineffective` when the owners are not as they should be.
    ///   Nothing is changed then.
    @discardableResult
    public func transfer(from: String, to: String, schema: String? = nil) async throws -> TransferPlan {
        try await CatalogueChange.run(on: self.client) { connection in
            let plan = try await Self.plan(from, to, schema, on: connection)
            for statement in plan.statements { try await connection.run(statement) }
            let missing = plan.missing(try await HoldingsCatalogue.read([from, to], on: connection))
            guard missing.isEmpty else {
                throw RoleError(
                    .ineffective,
                    "the server accepted every statement, and \(to) does not own these objects; nothing was changed",
                    objects: missing, remedy: "run this as the owner of the objects, or as a superuser")
            }
            return plan
        }
    }

    private static func plan(
        _ from: String, _ to: String, _ schema: String?, on connection: PQConnection
    ) async throws -> TransferPlan {
        if let schema {
            let there = try await connection.query(
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = \(schema))"
            ).decode(Bool.self).first
            guard there == true else {
                throw RoleError(.unknownSchema, "there is no schema \(schema) in this database")
            }
        }
        let holdings = try await HoldingsCatalogue.read([from, to], on: connection)
        return try TransferPlan(from: from, to: to, schema: schema, holdings: holdings)
    }
}

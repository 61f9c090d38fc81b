//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
public import Lakebase

/// Moves what one role owns to another, and finds what was left behind.
///
/// An app that is made anew has a new service principal, which may not alter the tables of the old one: no privilege makes it their owner.
public struct Ownership: Sendable {
    /// Where the database is.
    public let client: LakebaseClient

    /// Creates a value that works through a client, which must be running.
    public init(client: LakebaseClient) { self.client = client }

    /// What roles own and were given in the database.
    ///
    /// - Parameter roles: Their names; all roles when nil. Those that are not there are left out.
    public func holdings(of roles: [String]? = nil) async throws -> RoleHoldings {
        try await self.client.withConnection { connection in try await HoldingsCatalogue.read(roles, on: connection) }
    }

    /// What ``transfer(from:to:schema:)`` would do; changes nothing.
    ///
    /// - Throws: ``RoleError``: `unknownSchema` for a schema that is not there, and what ``TransferPlan/init(from:to:schema:holdings:)`` throws.
    public func planTransfer(from: String, to: String, schema: String? = nil) async throws -> TransferPlan {
        try await self.client.withConnection { connection in
            try await Self.plan(from, to, schema, on: connection)
        }
    }

    /// Gives what a role owns to another, in one transaction, and looks whether it is there.
    ///
    /// The current user makes itself a member of the two roles for the length of the transaction, where it is none.
    ///
    /// - Parameters:
    ///   - from: Who owns it.
    ///   - to: Who is to own it.
    ///   - schema: The schema that is meant, itself included; nil for everything in the database.
    /// - Returns: What was done, and what stayed with the old role.
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
                    "the server took every statement, and \(to) does not own these all the same; nothing was changed",
                    objects: missing)
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

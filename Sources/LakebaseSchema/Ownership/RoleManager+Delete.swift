//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
public import Lakebase

extension RoleManager {
    /// Returns what ``delete(_:owning:)`` would do; changes nothing.
    ///
    /// - Parameters:
    ///   - name: The role.
    ///   - client: A running client of the database to read. Objects in other databases are only counted.
    /// - Throws: ``RoleError``: `unknownRole`; `inUse` while the role owns something, with the objects.
    public func planDeletion(_ name: String, owning client: LakebaseClient) async throws -> RoleDeletion {
        try await client.withConnection { connection in try await self.planDeletion(name, on: connection) }
    }

    /// Deletes a role that owns nothing, with its privileges.
    ///
    /// Nothing that it owns is ever dropped or given away: see ``Ownership`` for that. By SQL it is one transaction: privileges are revoked one by one, and
    /// PostgreSQL refuses to drop a role that something still depends on.
    ///
    /// - Parameters:
    ///   - name: The role.
    ///   - client: A running client of a database on the same branch or instance, to read what the role owns.
    /// - Throws: As ``planDeletion(_:owning:)``; `notAllowed` and `failed` for refusals, after which nothing is changed.
    @discardableResult
    public func delete(_ name: String, owning client: LakebaseClient) async throws -> RoleDeletion {
        switch self.way {
        case .branch(let roles):
            let plan = try await self.planDeletion(name, owning: client)
            try await roles.delete(name)
            return plan
        case .instance(let roles):
            let plan = try await self.planDeletion(name, owning: client)
            try await roles.delete(name)
            return plan
        case .database:
            return try await CatalogueChange.run(on: client) { connection in
                let plan = try await self.planDeletion(name, on: connection)
                for statement in plan.statements { try await connection.run(statement) }
                return plan
            }
        }
    }

    private func planDeletion(_ name: String, on connection: PQConnection) async throws -> RoleDeletion {
        let holdings = try await HoldingsCatalogue.read([name], on: connection)
        let bySQL =
            switch self.way {
            case .branch, .instance: false
            case .database: true
            }
        return try RoleDeletion(name, holdings: holdings, bySQL: bySQL)
    }
}

extension PQConnection {
    /// Runs a statement of a plan.
    ///
    /// - Throws: ``RoleError`` when the server refuses it.
    func run(_ statement: String) async throws {
        do {
            try await self.execute(script: statement)
        } catch let error as PQError where error.code == .server {
            throw RoleError.refused(statement, by: error)
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
public import Lakebase

extension RoleManager {
    /// What ``delete(_:owning:)`` would say or ask; changes nothing.
    ///
    /// - Parameters:
    ///   - name: The role.
    ///   - client: Of the database that is looked into; has to run. Objects in other databases are counted only.
    /// - Throws: ``RoleError``: `unknownRole`; `inUse` while the role owns something, with the objects.
    public func planDeletion(_ name: String, owning client: LakebaseClient) async throws -> RoleDeletion {
        try await client.withConnection { connection in try await self.planDeletion(name, on: connection) }
    }

    /// Deletes a role that owns nothing, with what was given to it.
    ///
    /// Nothing that it owns is ever dropped or given away: see ``Ownership`` for that. By SQL it is one transaction: privileges are taken back one by one, and
    /// PostgreSQL refuses to drop a role that something depends on all the same.
    ///
    /// - Parameters:
    ///   - name: The role.
    ///   - client: Of a database on the same branch or instance, to look what the role owns; has to run.
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

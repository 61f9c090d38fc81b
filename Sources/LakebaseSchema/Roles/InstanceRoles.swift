//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Databricks

/// The roles of a provisioned instance, by the Database API.
struct InstanceRoles: Sendable {
    let api: DatabaseAPI
    let instance: String

    func all() async throws -> [DatabaseRole] {
        do {
            return try await self.api.listDatabaseInstanceRoles(instance: self.instance).all().map(Self.role)
        } catch { throw RoleError.workspace("the roles of \(self.instance) cannot be listed", error) }
    }

    func make(_ wanted: WantedRole) async throws {
        let role = Database.InstanceRole(
            name: wanted.name, identityType: .init(rawValue: wanted.identity.wireName))
        do {
            _ = try await self.api.createDatabaseInstanceRole(role, instance: self.instance)
        } catch { throw RoleError.workspace("the role \(wanted.name) cannot be created", error) }
    }

    func delete(_ name: String) async throws {
        do {
            try await self.api.deleteDatabaseInstanceRole(instance: self.instance, name: name)
        } catch { throw RoleError.workspace("the role \(name) cannot be deleted", error) }
    }

    /// This API does not say how a role logs in.
    private static func role(_ role: Database.InstanceRole) -> DatabaseRole {
        let identity = role.identityType.flatMap { RoleIdentity(wireName: $0.rawValue) }
        let attributes = role.effectiveAttributes ?? role.attributes
        return DatabaseRole(
            name: role.name, identity: identity, login: .unknown,
            isSuperuser: role.membershipRole == .databricksSuperuser,
            createsDatabases: attributes?.createDatabase ?? false, createsRoles: attributes?.createRole ?? false,
            bypassesRowSecurity: attributes?.bypassRowSecurity ?? false)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Databricks
internal import ExactText

/// The roles of a branch, by the Postgres API.
struct BranchRoles: Sendable {
    let api: PostgresAPI
    let branch: String

    /// The time limit of a change: a change by SQL wakes the compute first.
    private static let limit: Duration = .seconds(120)

    func all() async throws -> [DatabaseRole] {
        do {
            return try await self.api.listRoles(parent: self.branch).all().compactMap(Self.role)
        } catch { throw RoleError.workspace("the roles of \(self.branch) cannot be listed", error) }
    }

    func make(_ wanted: WantedRole) async throws {
        // Said, since the sources do not agree on how the role of a group logs in otherwise.
        let spec = Postgres.RoleSpec(
            postgresRole: wanted.name, identityType: .init(rawValue: wanted.identity.wireName), authMethod: .oauth)
        do {
            let operation = try await self.api.createRole(
                Postgres.Role(spec: spec), id: RoleResourceID.make(wanted), parent: self.branch)
            _ = try await operation.wait(within: Self.limit)
        } catch { throw RoleError.workspace("the role \(wanted.name) cannot be created", error) }
    }

    func delete(_ name: String) async throws {
        do {
            guard
                let resource = try await self.api.listRoles(parent: self.branch).all().compactMap(Self.role)
                    .first(where: { $0.name.isExactly(name) })?.resource
            else {
                throw RoleError(
                    .unknownRole,
                    "the API lists no role \(name) on \(self.branch)",
                    remedy: "delete a role that was created by SQL by SQL", command: "DROP ROLE NAME;")
            }
            try await self.api.deleteRole(resource).wait(within: Self.limit)
        } catch let error as DatabricksError {
            throw RoleError.workspace("the role \(name) cannot be deleted", error)
        }
    }

    /// A role without a name in PostgreSQL is none yet.
    private static func role(_ role: Postgres.Role) -> DatabaseRole? {
        guard let status = role.status, let name = status.postgresRole, !name.isEmpty else { return nil }
        let login: DatabaseRole.Login =
            switch status.authMethod {
            case .oauth?: .oauth
            case .password?: .password
            case .noLogin?: .none
            default: .unknown
            }
        return DatabaseRole(
            name: name, identity: status.identityType.flatMap { RoleIdentity(wireName: $0.rawValue) }, login: login,
            isSuperuser: status.membershipRoles?.contains(.databricksSuperuser) ?? false,
            createsDatabases: status.attributes?.createDatabase ?? false,
            createsRoles: status.attributes?.createRole ?? false,
            bypassesRowSecurity: status.attributes?.bypassRowSecurity ?? false, resource: role.name)
    }
}

extension RoleError {
    /// The workspace refused a call.
    static func workspace(_ what: String, _ error: DatabricksError) -> RoleError {
        let isDenied = error.code == .permissionDenied
        return RoleError(
            isDenied ? .notAllowed : .failed, "\(what): \(error)",
            remedy: isDenied ? "run this as an identity that may manage the project or instance" : nil,
            underlying: error)
    }
}

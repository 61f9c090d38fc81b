//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Databricks
internal import ExactText
public import Lakebase

/// Creates, lists and deletes roles for Databricks identities: by the workspace's API, or by SQL with the extension `databricks_auth`.
///
/// Creation is idempotent. An existing role that is of another kind, or logs in with a password or not at all, is reported and left alone.
public struct RoleManager: Sendable {
    /// The place of the roles in the API.
    public enum Place: Sendable, Hashable {
        /// A branch of a project, `projects/{project}/branches/{branch}`.
        case branch(String)
        /// A provisioned instance, by its name.
        case instance(String)
    }

    enum Way: Sendable {
        case branch(BranchRoles)
        case instance(InstanceRoles)
        case database(CatalogueRoles)
    }

    let way: Way

    /// Creates a manager that uses the workspace's API, which requires the right to manage the project or instance.
    public init(workspace: WorkspaceClient, place: Place) {
        switch place {
        case .branch(let name): self.way = .branch(BranchRoles(api: workspace.postgres, branch: name))
        case .instance(let name): self.way = .instance(InstanceRoles(api: workspace.database, instance: name))
        }
    }

    /// Creates a manager that uses SQL, as a role that may create roles and has logged in with a token.
    ///
    /// The extension `databricks_auth` is created in the database when it is missing and a role has to be created.
    ///
    /// - Parameter client: A running client.
    public init(client: LakebaseClient) { self.way = .database(CatalogueRoles(client: client)) }

    /// Returns the roles that do not belong to PostgreSQL or the platform, by name.
    public func roles() async throws -> [DatabaseRole] {
        let roles =
            switch self.way {
            case .branch(let roles): try await roles.all()
            case .instance(let roles): try await roles.all()
            case .database(let roles): try await roles.all()
            }
        return roles.sorted { ExactText($0.name) < ExactText($1.name) }
    }

    /// Returns the role with a name in PostgreSQL; nil when there is none.
    public func role(named name: String) async throws -> DatabaseRole? {
        try await self.roles().first { $0.name.isExactly(name) }
    }

    /// Returns what ``create(_:)`` would do; changes nothing.
    ///
    /// A role without an identity is read again for a second: another program may be creating it.
    public func plan(_ wanted: WantedRole) async throws -> RolePlan {
        try await RoleSighting.plan(wanted) { try await self.role(named: wanted.name) }
    }

    /// The result of ``create(_:)``.
    public struct Creation: Sendable, Hashable {
        /// The role.
        public var role: DatabaseRole
        /// Whether it was created by this call.
        public var isNew: Bool
    }

    /// Creates a role unless it exists, and checks the result.
    ///
    /// - Throws: ``RoleError`` `conflict` when a role of that name exists and cannot be used: it is left as it is. `notAllowed` when the current
    ///   identity lacks the right, `failed` for other refusals.
    @discardableResult
    public func create(_ wanted: WantedRole) async throws -> Creation {
        switch self.way {
        case .database(let roles): return try await roles.create(wanted)
        case .branch(let roles): return try await self.create(wanted) { try await roles.make(wanted) }
        case .instance(let roles): return try await self.create(wanted) { try await roles.make(wanted) }
        }
    }

    /// By an API.
    private func create(_ wanted: WantedRole, making: () async throws -> Void) async throws -> Creation {
        func look() async throws -> DatabaseRole? { try await self.role(named: wanted.name) }
        if let role = try await RoleSighting.existing(wanted, look: look) { return Creation(role: role, isNew: false) }
        do {
            try await making()
        } catch let error as RoleError {
            // Another maker may have been faster.
            if let role = try await RoleSighting.existing(wanted, look: look) {
                return Creation(role: role, isNew: false)
            }
            throw error
        }
        guard let role = try await RoleSighting.existing(wanted, look: look) else {
            throw RoleError.notListed(wanted.name)
        }
        return Creation(role: role, isNew: true)
    }
}

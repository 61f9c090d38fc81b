//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Databricks
internal import ExactText
public import Lakebase

/// Makes, lists and deletes roles for Databricks identities: by the workspace's API, or by SQL with the extension `databricks_auth`.
///
/// Making is idempotent. A role that is there and is of another kind, or logs in with a password or not at all, is reported and left alone.
public struct RoleManager: Sendable {
    /// Where the roles are, for the API.
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

    /// A manager that works through the workspace's API, which needs the right to manage the project or instance.
    public init(workspace: WorkspaceClient, place: Place) {
        switch place {
        case .branch(let name): self.way = .branch(BranchRoles(api: workspace.postgres, branch: name))
        case .instance(let name): self.way = .instance(InstanceRoles(api: workspace.database, instance: name))
        }
    }

    /// A manager that works in the database, as a role that may make roles and has logged in with a token.
    ///
    /// The extension `databricks_auth` is made in the database when it is missing and a role is to be made.
    ///
    /// - Parameter client: Has to run.
    public init(client: LakebaseClient) { self.way = .database(CatalogueRoles(client: client)) }

    /// The roles that are not PostgreSQL's or the platform's own, by name.
    public func roles() async throws -> [DatabaseRole] {
        let roles =
            switch self.way {
            case .branch(let roles): try await roles.all()
            case .instance(let roles): try await roles.all()
            case .database(let roles): try await roles.all()
            }
        return roles.sorted { ExactText($0.name) < ExactText($1.name) }
    }

    /// The role of that name in PostgreSQL; nil when there is none.
    public func role(named name: String) async throws -> DatabaseRole? {
        try await self.roles().first { $0.name.isExactly(name) }
    }

    /// What ``create(_:)`` would do; changes nothing.
    ///
    /// A role that is linked to no identity is looked at again for a second: it may be half made.
    public func plan(_ wanted: WantedRole) async throws -> RolePlan {
        try await RoleSighting.plan(wanted) { try await self.role(named: wanted.name) }
    }

    /// What ``create(_:)`` did.
    public struct Creation: Sendable, Hashable {
        /// The role as it is now.
        public var role: DatabaseRole
        /// Whether it was made just now.
        public var isNew: Bool
    }

    /// Makes a role unless it is there, and looks whether it is.
    ///
    /// - Throws: ``RoleError`` `conflict` when a role of that name is there that cannot serve: it is left as it is. `notAllowed` when one
    ///   has not the right, `failed` for other refusals.
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
        guard let role = try await RoleSighting.existing(wanted, look: look) else { throw RoleError.notListed(wanted) }
        return Creation(role: role, isNew: true)
    }
}

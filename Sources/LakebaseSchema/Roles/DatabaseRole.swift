//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An existing role.
public struct DatabaseRole: Sendable, Hashable {
    /// How a role logs in.
    public enum Login: String, Sendable, Hashable, CaseIterable {
        /// With a database credential of its identity.
        case oauth
        /// With a password of its own.
        case password
        /// Not at all.
        case none = "no-login"
        /// Unknown: the source does not say.
        case unknown
    }

    /// The name in PostgreSQL.
    public var name: String
    /// The kind of identity; nil for a role without one.
    public var identity: RoleIdentity?
    /// How it logs in.
    public var login: Login
    /// Whether it is a member of `databricks_superuser`, and so reads and writes all data.
    public var isSuperuser: Bool
    /// Whether it may create databases.
    public var createsDatabases: Bool
    /// Whether it may create roles.
    public var createsRoles: Bool
    /// Whether it bypasses row-level security.
    public var bypassesRowSecurity: Bool
    /// The resource's name in the Postgres API; nil when the role was read from another source.
    public var resource: String?

    /// A role from its parts.
    public init(
        name: String, identity: RoleIdentity?, login: Login, isSuperuser: Bool = false, createsDatabases: Bool = false,
        createsRoles: Bool = false, bypassesRowSecurity: Bool = false, resource: String? = nil
    ) {
        self.name = name
        self.identity = identity
        self.login = login
        self.isSuperuser = isSuperuser
        self.createsDatabases = createsDatabases
        self.createsRoles = createsRoles
        self.bypassesRowSecurity = bypassesRowSecurity
        self.resource = resource
    }
}

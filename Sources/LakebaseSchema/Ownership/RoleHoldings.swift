//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText

/// The objects and privileges of roles in a database, as in the catalogue.
public struct RoleHoldings: Sendable, Hashable {
    /// A role and what the current user may do with it.
    public struct Role: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// The kind of identity; nil without an identity, or without the extension databricks_auth in the database.
        public var identity: RoleIdentity?
        /// Whether it may log in.
        public var canLogIn: Bool
        /// Whether it, or a member of it, may log in.
        public var isReachable: Bool
        /// Whether it belongs to PostgreSQL or the platform.
        public var isSystem: Bool
        /// Whether the current user has its privileges, and may make it an owner.
        public var isOurs: Bool
        /// Whether the current user may make itself a member.
        public var isGrantable: Bool
        /// The memberships in it that the current user has already; known from PostgreSQL 16 on, where they have options.
        public var links: [Link]
        /// The grantor when the current user makes itself a member; nil when unknown, and before PostgreSQL 16.
        public var admin: String?

        /// A role from its parts.
        public init(
            name: String, identity: RoleIdentity? = nil, canLogIn: Bool = true, isReachable: Bool = true,
            isSystem: Bool = false, isOurs: Bool = false, isGrantable: Bool = false, links: [Link] = [],
            admin: String? = nil
        ) {
            self.name = name
            self.identity = identity
            self.canLogIn = canLogIn
            self.isReachable = isReachable
            self.isSystem = isSystem
            self.isOurs = isOurs
            self.isGrantable = isGrantable
            self.links = links
            self.admin = admin
        }
    }

    /// A membership of the current user in a role.
    public struct Link: Sendable, Hashable {
        /// The grantor.
        public var grantor: String
        /// Whether privileges of the role are inherited.
        public var inherits: Bool
        /// Whether `SET ROLE` to the role is allowed.
        public var sets: Bool

        /// A membership from its parts.
        public init(grantor: String, inherits: Bool, sets: Bool) {
            self.grantor = grantor
            self.inherits = inherits
            self.sets = sets
        }
    }

    /// An object that a role owns or has privileges on.
    public struct Object: Sendable, Hashable {
        /// The role that owns it or has the privileges.
        public var role: String
        /// The object's type, as `pg_identify_object` calls it: `table`, `view`, `sequence`, `function` and so on.
        public var type: String
        /// Its schema, not quoted; for a schema its own name; nil without a schema.
        public var schema: String?
        /// Its name as SQL has it.
        public var identity: String
        /// Whether its owner is always that of another object, as for the sequence behind a column.
        public var follows: Bool

        /// An object from its parts.
        public init(role: String, type: String, schema: String?, identity: String, follows: Bool = false) {
            self.role = role
            self.type = type
            self.schema = schema
            self.identity = identity
            self.follows = follows
        }

        /// Type and name.
        public var words: String { "\(self.type) \(self.identity)" }
    }

    /// Default privileges: what a role's future objects grant to another role.
    public struct Default: Sendable, Hashable {
        /// The role that will create the objects.
        public var creator: String
        /// The grantee; nil for PUBLIC.
        public var grantee: String?
        /// The schema, not quoted; nil for all.
        public var schema: String?
        /// The kind of objects, as `ALTER DEFAULT PRIVILEGES` names it.
        public var objects: String
        /// Whether the creator may currently create objects in the schema.
        public var creatorMayCreate: Bool

        /// One from its parts.
        public init(
            creator: String, grantee: String?, schema: String?, objects: String, creatorMayCreate: Bool = true
        ) {
            self.creator = creator
            self.grantee = grantee
            self.schema = schema
            self.objects = objects
            self.creatorMayCreate = creatorMayCreate
        }

        /// In words.
        public var words: String {
            "default privileges: \(self.objects.lowercased()) that \(self.creator) makes"
                + (self.schema.map { " in \($0)" } ?? "") + " are given to \(self.grantee ?? "everybody")"
        }
    }

    /// Counts of a role's objects in another database, which cannot be read from here.
    public struct Elsewhere: Sendable, Hashable {
        /// The role.
        public var role: String
        /// The database.
        public var database: String
        /// How many objects it owns there.
        public var owned: Int
        /// How many objects or default privileges name it there in other ways.
        public var others: Int

        /// One from its parts.
        public init(role: String, database: String, owned: Int, others: Int) {
            self.role = role
            self.database = database
            self.owned = owned
            self.others = others
        }
    }

    /// The current user.
    public var currentRole: String
    /// The database that was read.
    public var database: String
    /// The server's version, such as 160004.
    public var serverVersion: Int
    /// Whether the extension databricks_auth is in the database.
    public var knowsIdentities: Bool
    /// Whether the current user inherits privileges by default; up to PostgreSQL 15 it inherits none where this is false.
    public var currentRoleInherits: Bool
    /// The existing roles.
    public var roles: [Role]
    /// The objects that they own.
    public var owned: [Object]
    /// The objects on which they have privileges.
    public var granted: [Object]
    /// Default privileges that they grant or get.
    public var defaults: [Default]
    /// Counts of their objects in other databases.
    public var elsewhere: [Elsewhere]

    /// Holdings from their parts.
    public init(
        currentRole: String, database: String, serverVersion: Int = 160_000, knowsIdentities: Bool = true,
        currentRoleInherits: Bool = true, roles: [Role], owned: [Object] = [],
        granted: [Object] = [], defaults: [Default] = [], elsewhere: [Elsewhere] = []
    ) {
        self.currentRole = currentRole
        self.database = database
        self.serverVersion = serverVersion
        self.knowsIdentities = knowsIdentities
        self.currentRoleInherits = currentRoleInherits
        self.roles = roles
        self.owned = owned
        self.granted = granted
        self.defaults = defaults
        self.elsewhere = elsewhere
    }

    /// The role of that name.
    public subscript(role name: String) -> Role? { self.roles.first { $0.name.isExactly(name) } }
}

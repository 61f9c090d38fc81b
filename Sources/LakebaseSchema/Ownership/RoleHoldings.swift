//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText

/// What roles own and were given in a database, as the catalogue says it.
public struct RoleHoldings: Sendable, Hashable {
    /// A role and what the current user may do with it.
    public struct Role: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// The kind of identity; nil when it is linked to none, or the extension that knows is not in the database.
        public var identity: RoleIdentity?
        /// Whether it may log in.
        public var canLogIn: Bool
        /// Whether anybody can act as it: itself, or a role that may log in and is a member.
        public var isReachable: Bool
        /// Whether it is PostgreSQL's or the platform's own.
        public var isSystem: Bool
        /// Whether the current user has its privileges, and may make it an owner.
        public var isOurs: Bool
        /// Whether the current user may make itself a member.
        public var isGrantable: Bool
        /// The memberships in it that the current user has already; known from PostgreSQL 16 on, where they have options.
        public var links: [Link]
        /// In whose name the current user makes itself a member; nil when it is not known, and before PostgreSQL 16.
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
        /// Who gave it.
        public var grantor: String
        /// Whether it brings the privileges of the role.
        public var inherits: Bool
        /// Whether the role can be become.
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
        /// Its schema, not quoted; for a schema its own name; nil for what is in none.
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

    /// What a role's future objects will give to another.
    public struct Default: Sendable, Hashable {
        /// The role that will make them.
        public var creator: String
        /// Who gets the privileges; nil for everybody.
        public var grantee: String?
        /// The schema, not quoted; nil for all.
        public var schema: String?
        /// What `ALTER DEFAULT PRIVILEGES` calls the objects.
        public var objects: String
        /// Whether the creator may make anything in the schema today.
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

    /// What a role has in another database, which cannot be looked into from here.
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

    /// Who looks.
    public var currentRole: String
    /// The database that was looked into.
    public var database: String
    /// The server's version, such as 160004.
    public var serverVersion: Int
    /// Whether the extension that knows what roles are linked to is in the database.
    public var knowsIdentities: Bool
    /// Whether memberships of who looks bring privileges unless they say otherwise; up to PostgreSQL 15 none does where this is false.
    public var currentRoleInherits: Bool
    /// The roles, as far as they are there.
    public var roles: [Role]
    /// What they own.
    public var owned: [Object]
    /// What they have privileges on.
    public var granted: [Object]
    /// Default privileges that they give or get.
    public var defaults: [Default]
    /// What they have in other databases.
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

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The state in the catalogue of a role and of the objects of a set of grants.
public struct GrantFacts: Sendable, Hashable {
    /// An object.
    public struct Object: Sendable, Hashable {
        /// Its kind.
        public var kind: Privilege.Kind
        /// Its name, not quoted and without schema.
        public var name: String
        /// Its name as SQL has it, quoted, with schema, and for routines with the types of the arguments.
        public var identity: String
        /// The owner.
        public var owner: String
        /// The privileges granted to the role itself.
        public var granted: Set<Privilege>
        /// The role's effective privileges: also as owner, as member of another role, or by PUBLIC.
        public var effective: Set<Privilege>
        /// The privileges granted to the role itself on single columns.
        public var onColumns: Set<Privilege>
        /// The privileges that the current user may grant.
        public var grantable: Set<Privilege>
        /// What it belongs to, in words, when it is not the user's own: an extension, PostgreSQL or the platform.
        ///
        /// No role of the user may grant privileges on such an object, so that it is left out where the current user may not.
        public var reserved: String?

        /// An object from its parts.
        public init(
            kind: Privilege.Kind, name: String, identity: String, owner: String, granted: Set<Privilege>,
            effective: Set<Privilege>, onColumns: Set<Privilege> = [], grantable: Set<Privilege> = [],
            reserved: String? = nil
        ) {
            self.kind = kind
            self.name = name
            self.identity = identity
            self.owner = owner
            self.granted = granted
            self.effective = effective
            self.onColumns = onColumns
            self.grantable = grantable
            self.reserved = reserved
        }
    }

    /// The privileges of the role on objects of a kind that a creator will create in the schema.
    public struct Default: Sendable, Hashable {
        /// The creator.
        public var creator: String
        /// Their kind.
        public var kind: Privilege.Kind
        /// The privileges.
        public var granted: Set<Privilege>
        /// Whether the current user may change it, as the creator or a member of it.
        public var isOurs: Bool

        /// One from its parts.
        public init(creator: String, kind: Privilege.Kind, granted: Set<Privilege>, isOurs: Bool = true) {
            self.creator = creator
            self.kind = kind
            self.granted = granted
            self.isOurs = isOurs
        }
    }

    /// The existing roles among those that the set names.
    public var roles: [String]
    /// The existing objects.
    public var objects: [Object]
    /// The default privileges that the role gets in the schema from any creator.
    public var defaults: [Default]
    /// The server's version, such as 160004.
    public var serverVersion: Int

    /// Facts from their parts.
    public init(roles: [String], objects: [Object], defaults: [Default], serverVersion: Int = 160_000) {
        self.serverVersion = serverVersion
        self.roles = roles
        self.objects = objects
        self.defaults = defaults
    }
}

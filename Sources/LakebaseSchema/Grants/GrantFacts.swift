//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// What the catalogue says about a role and the objects that a set of grants is about.
public struct GrantFacts: Sendable, Hashable {
    /// An object.
    public struct Object: Sendable, Hashable {
        /// Its kind.
        public var kind: Privilege.Kind
        /// Its name, not quoted and without schema.
        public var name: String
        /// Its name as SQL has it, quoted, with schema, and for routines with the types of the arguments.
        public var identity: String
        /// Who owns it.
        public var owner: String
        /// What was given to the role itself.
        public var granted: Set<Privilege>
        /// What the role may really do, by whatever way: also as owner, as member of another role, or as everybody.
        public var effective: Set<Privilege>
        /// What was given to the role itself on single columns.
        public var onColumns: Set<Privilege>
        /// What the role that works may give here.
        public var grantable: Set<Privilege>
        /// What it is a part of, in words, when it is not the user's own: an extension, or PostgreSQL or the platform itself.
        ///
        /// Nobody can be asked to give privileges on such an object, so that it is left out where the role that works may not do so.
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

    /// What objects of a kind will be given to the role when a creator makes them in the schema.
    public struct Default: Sendable, Hashable {
        /// Who makes them.
        public var creator: String
        /// Their kind.
        public var kind: Privilege.Kind
        /// What the role gets.
        public var granted: Set<Privilege>
        /// Whether the role that works may change it, as the creator or a member of it.
        public var isOurs: Bool

        /// One from its parts.
        public init(creator: String, kind: Privilege.Kind, granted: Set<Privilege>, isOurs: Bool = true) {
            self.creator = creator
            self.kind = kind
            self.granted = granted
            self.isOurs = isOurs
        }
    }

    /// The roles there are, of those that the set names.
    public var roles: [String]
    /// The objects there are.
    public var objects: [Object]
    /// The default privileges that the role gets in the schema, by whatever creator.
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

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
internal import ExactText

/// The statements that give a role its privileges, decided without a database.
public struct GrantPlan: Sendable, Hashable {
    /// The statements, in order; none when no privilege is missing.
    public let statements: [String]
    /// The role that is created first; nil when it exists, or is not to be created.
    public let newRole: WantedRole?
    /// Privileges that are left out, one line each: on objects of an extension, of PostgreSQL or of the platform.
    public let notes: [String]
    /// How the role still has access to the objects after privileges were revoked.
    public let left: [RemainingAccess]

    init(
        statements: [String], newRole: WantedRole? = nil, notes: [String] = [], left: [RemainingAccess] = []
    ) {
        self.statements = statements
        self.newRole = newRole
        self.notes = notes
        self.left = left
    }

    /// All statements to show: those that create the role, then ``statements``.
    public var script: [String] {
        (self.newRole.map { RolePlan.create($0).statements } ?? []) + self.statements
    }

    /// Creates the plan that grants the missing privileges of a set.
    ///
    /// - Throws: ``GrantError`` when a role or the schema does not exist.
    public static func granting(_ set: GrantSet, facts: GrantFacts) throws(GrantError) -> GrantPlan {
        try Self.granting(set, facts: facts, newRole: nil)
    }

    /// - Parameter newRole: The role of the set, when it is made first.
    static func granting(
        _ set: GrantSet, facts known: GrantFacts, newRole: WantedRole?
    ) throws(GrantError) -> GrantPlan {
        var facts = known
        if let newRole { facts.roles.append(newRole.name) }
        try Self.check(set, facts)
        var changes: [Change] = []
        for object in facts.objects where !object.owner.isExactly(set.role) {
            let missing = set.wanted(on: object, facts).subtracting(object.granted)
            if !missing.isEmpty { changes.append(Change(object: object, privileges: missing)) }
        }
        var statements = Self.grouped(changes).map { kind, privileges, identities in
            "GRANT \(Self.list(privileges)) ON \(kind.keyword) \(identities.joined(separator: ", ")) TO \(Self.quoted(set.role))"
        }
        // Nobody gets default privileges on what it makes itself: that is its own.
        for creator in set.creators where !creator.isExactly(set.role) {
            for kind in Privilege.Kind.allCases {
                guard let plural = kind.plural else { continue }
                let missing = set.wantedByDefault(kind, facts).subtracting(Self.defaults(facts, creator, kind))
                guard !missing.isEmpty else { continue }
                statements.append(
                    "\(Self.alterDefaults(creator, set.schema)) GRANT \(Self.list(missing)) ON \(plural) TO \(Self.quoted(set.role))"
                )
            }
        }
        return GrantPlan(statements: statements, newRole: newRole, notes: Self.notes(set, facts))
    }

    /// What is left out, objects of one kind and reason in one line.
    static func notes(_ set: GrantSet, _ facts: GrantFacts) -> [String] {
        var groups: [(reason: String, kind: Privilege.Kind, privileges: Set<Privilege>, objects: [GrantFacts.Object])] =
            []
        for object in facts.objects {
            guard let reason = object.reserved else { continue }
            let privileges = set.leftOut(on: object, facts)
            guard !privileges.isEmpty else { continue }
            let index = groups.firstIndex {
                $0.reason.isExactly(reason) && $0.kind == object.kind && $0.privileges == privileges
            }
            if let index {
                groups[index].objects.append(object)
            } else {
                groups.append((reason, object.kind, privileges, [object]))
            }
        }
        return groups.map { group in
            let names = group.objects.prefix(3).map(\.identity).joined(separator: ", ")
            let more = group.objects.count > 3 ? " and \(group.objects.count - 3) more" : ""
            let owners = Set(group.objects.map { ExactText($0.owner) }).sorted().map(\.text).joined(separator: ", ")
            return "left out: \(Self.list(group.privileges)) on \(group.kind.rawValue) \(names)\(more), "
                + "part of \(group.reason); only \(owners) can give it"
        }
    }

    /// Creates the plan that revokes all privileges of the role itself: in the schema, on the database, and by default.
    ///
    /// What it owns stays, and so does what it has as a member of another role; see ``RemainingAccess``. Default privileges are revoked whichever role the
    /// creator is, as far as the current user may change them.
    public static func revoking(_ set: GrantSet, facts: GrantFacts) throws(GrantError) -> GrantPlan {
        try Self.check(set, facts)
        // Taking a privilege on a table takes it on the columns.
        let changes = facts.objects
            .map { Change(object: $0, privileges: $0.granted.union($0.onColumns)) }
            .filter { !$0.object.owner.isExactly(set.role) && !$0.privileges.isEmpty }
        // The innermost first, so that a stop half-way leaves nothing that can be reached.
        var statements = Self.grouped(changes).reversed().map { kind, privileges, identities in
            "REVOKE \(Self.list(privileges)) ON \(kind.keyword) \(identities.joined(separator: ", ")) FROM \(Self.quoted(set.role))"
        }
        for entry in facts.defaults where !entry.granted.isEmpty {
            guard let plural = entry.kind.plural else { continue }
            guard entry.isOurs || set.creators.contains(where: { $0.isExactly(entry.creator) }) else { continue }
            statements.append(
                "\(Self.alterDefaults(entry.creator, set.schema)) REVOKE \(Self.list(entry.granted)) ON \(plural) FROM \(Self.quoted(set.role))"
            )
        }
        return GrantPlan(statements: statements)
    }

    /// The missing privileges of the role, one line each.
    ///
    /// They are those that the role does not have in effect, whatever was granted.
    public static func missing(_ set: GrantSet, facts: GrantFacts) throws(GrantError) -> [String] {
        try Self.check(set, facts)
        var lines: [String] = []
        for object in facts.objects {
            let missing = set.wanted(on: object, facts).subtracting(object.effective)
            if !missing.isEmpty {
                lines.append(
                    "\(Self.list(missing)) on \(object.kind.rawValue) \(object.identity), owned by \(object.owner)")
            }
        }
        for creator in set.creators where !creator.isExactly(set.role) {
            for kind in Privilege.Kind.allCases {
                guard let plural = kind.plural else { continue }
                let missing = set.wantedByDefault(kind, facts).subtracting(Self.defaults(facts, creator, kind))
                if !missing.isEmpty {
                    lines.append("\(Self.list(missing)) on \(plural.lowercased()) that \(creator) will make")
                }
            }
        }
        return lines
    }

    // MARK: Details

    private struct Change {
        var object: GrantFacts.Object
        var privileges: Set<Privilege>
    }

    private static func check(_ set: GrantSet, _ facts: GrantFacts) throws(GrantError) {
        let unknown = ([set.role] + set.creators).filter { name in !facts.roles.contains { $0.isExactly(name) } }
        guard unknown.isEmpty else {
            throw GrantError(
                .unknownRole,
                "there is no role \(unknown.joined(separator: ", "))"
            )
        }
        guard facts.objects.contains(where: { $0.kind == .schema }) else {
            throw GrantError(.unknownSchema, "there is no schema \(set.schema) in the database \(set.database)")
        }
        for (kind, privileges) in set.privileges {
            let wrong = privileges.subtracting(kind.all)
            guard wrong.isEmpty else {
                throw GrantError(.invalid, "there is no \(Self.list(wrong)) on a \(kind.rawValue)")
            }
            // "All" means all that this server has.
            let early = privileges.filter { $0.sinceServerVersion > facts.serverVersion }
            guard early.isEmpty || privileges == kind.all else {
                throw GrantError(.invalid, "this server is too old for \(Self.list(early)) on a \(kind.rawValue)")
            }
        }
        for (kind, names) in set.only {
            let there = Set(facts.objects.filter { $0.kind == kind }.map { ExactText($0.name) })
            let unknown = names.filter { !there.contains(ExactText($0)) }.sorted()
            guard unknown.isEmpty else {
                throw GrantError(
                    .unknownObject,
                    "there is no \(kind.rawValue) \(unknown.joined(separator: ", ")) in the schema \(set.schema)")
            }
        }
    }

    /// Objects of one kind that lack the same go into one statement.
    private static func grouped(_ changes: [Change]) -> [(Privilege.Kind, Set<Privilege>, [String])] {
        var groups: [(Privilege.Kind, Set<Privilege>, [String])] = []
        for change in changes {
            if let index = groups.firstIndex(where: { $0.0 == change.object.kind && $0.1 == change.privileges }) {
                groups[index].2.append(change.object.identity)
            } else {
                groups.append((change.object.kind, change.privileges, [change.object.identity]))
            }
        }
        return groups.sorted { $0.0 < $1.0 }
    }

    private static func defaults(_ facts: GrantFacts, _ creator: String, _ kind: Privilege.Kind) -> Set<Privilege> {
        facts.defaults.first { $0.creator.isExactly(creator) && $0.kind == kind }?.granted ?? []
    }

    private static func alterDefaults(_ creator: String, _ schema: String) -> String {
        "ALTER DEFAULT PRIVILEGES FOR ROLE \(Self.quoted(creator)) IN SCHEMA \(Self.quoted(schema))"
    }

    static func list(_ privileges: Set<Privilege>) -> String {
        privileges.sorted().map(\.rawValue).joined(separator: ", ")
    }

    private static func quoted(_ name: String) -> String { PQQuery.quoteIdentifier(name) }
}

extension Privilege.Kind {
    /// The word before the name in GRANT.
    var keyword: String { self.rawValue.uppercased() }

    /// The word in ALTER DEFAULT PRIVILEGES; nil for kinds without default privileges in a schema.
    fileprivate var plural: String? {
        switch self {
        case .database, .schema: nil
        case .table: "TABLES"
        case .sequence: "SEQUENCES"
        case .routine: "ROUTINES"
        }
    }
}

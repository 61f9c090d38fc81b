//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
internal import ExactText

/// Who else has privileges on the objects of a set of grants, and how they come to its role.
struct AccessFacts: Sendable, Hashable {
    /// Privileges on an object that were given to the role itself or to everybody.
    struct Entry: Sendable, Hashable {
        var kind: Privilege.Kind
        var identity: String
        /// Whether everybody has them.
        var isPublic: Bool
        var privileges: Set<Privilege>
        /// Who gave them, and may take them back.
        var grantor: String
    }

    /// A role that the role is a member of.
    struct Membership: Sendable, Hashable {
        var role: String
        /// Who may end it.
        var grantor: String
        /// How many of the objects it lets the role reach beyond what everybody may.
        var objects: Int
    }

    var entries: [Entry]
    var memberships: [Membership]
    var isSuperuser: Bool
    /// What the role owns and was given anywhere in the database.
    var holdings: RoleHoldings
}

extension RemainingAccess {
    /// What remains: a decision without a database.
    static func list(_ set: GrantSet, _ facts: AccessFacts) -> [RemainingAccess] {
        let role = PQQuery.quoteIdentifier(set.role)
        var list = Self.direct(set, facts, role)
        list += Self.entries(facts, isPublic: true, from: "PUBLIC").map { group in
            RemainingAccess(.everybody, "everybody has \(group.words)", remedy: group.statement, by: group.grantor)
        }
        for entry in facts.holdings.defaults where entry.grantee == nil && Self.concerns(set, entry.schema) {
            list.append(Self.of(entry, .everybody))
        }
        for link in facts.memberships where link.objects > 0 {
            list.append(
                RemainingAccess(
                    .membership,
                    "it is a member of \(link.role), which may reach \(link.objects) of these objects",
                    remedy: "REVOKE \(PQQuery.quoteIdentifier(link.role)) FROM \(role)",
                    by: "\(link.grantor), who gave it, or another role with ADMIN on \(link.role)"))
        }
        let owned = facts.holdings.owned.filter { object in
            object.schema.map { $0.isExactly(set.schema) } ?? (object.type == "database")
                && object.role.isExactly(set.role)
        }
        if !owned.isEmpty {
            let names = owned.prefix(3).map(\.words).joined(separator: ", ")
            let more = owned.count > 3 ? " and \(owned.count - 3) more" : ""
            list.append(
                RemainingAccess(
                    .ownership, "it owns \(names)\(more)",
                    remedy: "lakebase grants transfer --from \(set.role) --to OTHER --schema \(set.schema)",
                    by: "a member of both roles"))
        }
        if facts.isSuperuser {
            list.append(
                RemainingAccess(
                    .superuser, "it is a superuser", remedy: "ALTER ROLE \(role) NOSUPERUSER", by: "a superuser"))
        }
        return list
    }

    /// What names the role itself.
    private static func direct(_ set: GrantSet, _ facts: AccessFacts, _ role: String) -> [RemainingAccess] {
        var list = Self.entries(facts, isPublic: false, from: role).map { group in
            RemainingAccess(.direct, "it has \(group.words)", remedy: group.statement, by: group.grantor)
        }
        // Types, and what else has privileges that no set of grants gives.
        let known = Set(facts.entries.filter { !$0.isPublic }.map { ExactText($0.identity) })
        for object in facts.holdings.granted where object.role.isExactly(set.role) {
            let isHere = object.schema.map { $0.isExactly(set.schema) } ?? false
            guard isHere, !known.contains(ExactText(object.identity)),
                let keyword = ObjectType.grantKeyword(object.type)
            else { continue }
            list.append(
                RemainingAccess(
                    .direct, "it has privileges on \(object.words)",
                    remedy: "REVOKE ALL ON \(keyword) \(object.identity) FROM \(role)",
                    by: "the owner of \(object.identity)"))
        }
        for entry in facts.holdings.defaults where entry.grantee.map({ $0.isExactly(set.role) }) == true {
            guard Self.concerns(set, entry.schema) else { continue }
            list.append(Self.of(entry, .direct))
        }
        return list
    }

    /// Default privileges without a schema count in each.
    private static func concerns(_ set: GrantSet, _ schema: String?) -> Bool {
        schema.map { $0.isExactly(set.schema) } ?? true
    }

    private static func of(_ entry: RoleHoldings.Default, _ way: Way) -> RemainingAccess {
        let grantee = entry.grantee.map(PQQuery.quoteIdentifier) ?? "PUBLIC"
        let place = entry.schema.map { " IN SCHEMA \(PQQuery.quoteIdentifier($0))" } ?? ""
        return RemainingAccess(
            way, entry.words + (entry.schema == nil ? ", in every schema" : ""),
            remedy:
                "ALTER DEFAULT PRIVILEGES FOR ROLE \(PQQuery.quoteIdentifier(entry.creator))\(place) "
                + "REVOKE ALL ON \(entry.objects) FROM \(grantee)", by: "\(entry.creator) or a member of it")
    }

    private struct Group {
        var kind: Privilege.Kind
        var privileges: Set<Privilege>
        var grantor: String
        var identities: [String]
        var grantee: String

        var words: String {
            let names = self.identities.prefix(3).joined(separator: ", ")
            let more = self.identities.count > 3 ? " and \(self.identities.count - 3) more" : ""
            return "\(GrantPlan.list(self.privileges)) on \(self.kind.rawValue) \(names)\(more)"
        }

        var statement: String {
            "REVOKE \(GrantPlan.list(self.privileges)) ON \(self.kind.keyword) "
                + "\(self.identities.joined(separator: ", ")) FROM \(self.grantee)"
        }
    }

    private static func entries(_ facts: AccessFacts, isPublic: Bool, from grantee: String) -> [Group] {
        var groups: [Group] = []
        for entry in facts.entries where entry.isPublic == isPublic && !entry.privileges.isEmpty {
            let index = groups.firstIndex {
                $0.kind == entry.kind && $0.privileges == entry.privileges && $0.grantor.isExactly(entry.grantor)
            }
            if let index {
                groups[index].identities.append(entry.identity)
            } else {
                groups.append(
                    Group(
                        kind: entry.kind, privileges: entry.privileges, grantor: entry.grantor,
                        identities: [entry.identity], grantee: grantee))
            }
        }
        return groups
    }
}

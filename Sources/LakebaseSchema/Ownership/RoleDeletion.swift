//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
internal import ExactText

/// The statements that delete a role, decided without a database.
public struct RoleDeletion: Sendable, Hashable {
    /// The role.
    public let role: String
    /// The privileges that it loses.
    public let losses: [String]
    /// The statements, in order; none when the workspace's API deletes it.
    public let statements: [String]

    /// Decides.
    ///
    /// - Parameters:
    ///   - name: The role.
    ///   - holdings: Its objects and privileges.
    ///   - bySQL: Whether SQL deletes it, which has to revoke its privileges first; the workspace's API does that itself.
    /// - Throws: ``RoleError``: `unknownRole`; `invalid` for roles of the platform; `inUse` with the owned objects, or, for SQL, when there are objects in
    ///   another database; `notAllowed`.
    public init(_ name: String, holdings: RoleHoldings, bySQL: Bool) throws(RoleError) {
        guard let role = holdings[role: name] else { throw RoleError(.unknownRole, "there is no role \(name)") }
        guard !role.isSystem else {
            throw RoleError(
                .invalid, "the role \(name) belongs to PostgreSQL or the platform, and cannot be deleted",
                remedy: "name a role of your own", command: "lakebase roles list")
        }
        guard !name.isExactly(holdings.currentRole) else {
            throw RoleError(
                .invalid, "\(name) is the role that is logged in", remedy: "delete it as another role")
        }
        try Self.checkOwned(name, holdings)
        let elsewhere = holdings.elsewhere.filter { $0.role.isExactly(name) && $0.others > 0 }
        if bySQL, let other = elsewhere.first {
            throw RoleError(
                .inUse,
                "\(other.others) objects or default privileges in the database \(other.database) name the role \(name)",
                remedy: "revoke them there first, or delete the role by the API, which looks into every database",
                command: "lakebase grants revoke ROLE --schema SCHEMA")
        }
        let granted = holdings.granted.filter { $0.role.isExactly(name) }
        let defaults = holdings.defaults.filter { entry in
            entry.creator.isExactly(name) || entry.grantee.map { $0.isExactly(name) } == true
        }
        self.role = name
        self.losses =
            granted.map { "privileges on \($0.words)" } + defaults.map(\.words)
            + elsewhere.map { "\($0.others) grants or default privileges in the database \($0.database)" }
        self.statements = bySQL ? try Self.statements(name, granted, defaults, holdings) : []
    }

    private static func checkOwned(_ name: String, _ holdings: RoleHoldings) throws(RoleError) {
        let owned = holdings.owned.filter { $0.role.isExactly(name) }.map(\.words)
        let elsewhere = holdings.elsewhere.filter { $0.role.isExactly(name) && $0.owned > 0 }
            .map { "\($0.owned) objects in the database \($0.database)" }
        guard owned.isEmpty, elsewhere.isEmpty else {
            throw RoleError(
                .inUse,
                "the role \(name) owns objects, which would be lost with it", objects: owned + elsewhere)
        }
    }

    private static func statements(
        _ name: String, _ granted: [RoleHoldings.Object], _ defaults: [RoleHoldings.Default], _ holdings: RoleHoldings
    ) throws(RoleError) -> [String] {
        let role = PQQuery.quoteIdentifier(name)
        let creators = Set(defaults.map { ExactText($0.creator) }).sorted().map(\.text)
        let membership = try Membership(of: creators, in: holdings)
        var statements = membership.take
        for object in granted {
            guard let keyword = ObjectType.grantKeyword(object.type) else { continue }
            statements.append("REVOKE ALL ON \(keyword) \(object.identity) FROM \(role)")
        }
        for entry in defaults {
            let grantee = entry.grantee.map(PQQuery.quoteIdentifier) ?? "PUBLIC"
            let place = entry.schema.map { " IN SCHEMA \(PQQuery.quoteIdentifier($0))" } ?? ""
            statements.append(
                "ALTER DEFAULT PRIVILEGES FOR ROLE \(PQQuery.quoteIdentifier(entry.creator))\(place) REVOKE ALL ON \(entry.objects) FROM \(grantee)"
            )
        }
        // The membership in a role goes with the role.
        return statements + membership.giveBack(without: name) + ["DROP ROLE \(role)"]
    }
}

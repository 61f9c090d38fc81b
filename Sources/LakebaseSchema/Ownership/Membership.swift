//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
internal import ExactText

/// Makes the current user a member of roles for the duration of a transaction.
///
/// Existing memberships stay as they were. From PostgreSQL 16 on there is one for each grantor, with options: one that lacks an option gets
/// it and loses it again, and only new memberships are revoked.
struct Membership: Sendable, Hashable {
    private struct Step: Sendable, Hashable {
        var role: String
        var take: String
        var giveBack: String
    }

    private var steps: [Step] = []

    /// The statements at the start.
    var take: [String] { self.steps.map(\.take) }

    /// The statements at the end.
    ///
    /// - Parameter role: A role that may have been dropped by then, and its membership with it.
    func giveBack(without role: String? = nil) -> [String] {
        self.steps.reversed().filter { step in role.map { !step.role.isExactly($0) } ?? true }.map(\.giveBack)
    }

    /// - Throws: ``RoleError`` `notAllowed` when the membership cannot be granted.
    init(of names: [String], in holdings: RoleHoldings) throws(RoleError) {
        for name in names where !name.isExactly(holdings.currentRole) {
            guard let role = holdings[role: name], !role.isOurs else { continue }
            self.steps.append(try Self.step(role, holdings))
        }
    }

    private static func step(_ role: RoleHoldings.Role, _ holdings: RoleHoldings) throws(RoleError) -> Step {
        let me = PQQuery.quoteIdentifier(holdings.currentRole)
        let quoted = PQQuery.quoteIdentifier(role.name)
        guard role.isGrantable else {
            throw RoleError(
                .notAllowed,
                "this needs the privileges of \(role.name), which \(holdings.currentRole) does not have and cannot grant to itself",
                statement: "GRANT \(quoted) TO \(me)",
                remedy: "let a role that may grant membership in \(role.name) run the statement first")
        }
        guard holdings.serverVersion >= 160_000 else {
            // Here no membership brings privileges to a role that does not inherit, and revoking would end one that was there before.
            guard holdings.currentRoleInherits else {
                throw RoleError(
                    .notAllowed,
                    "this needs the privileges of \(role.name), and \(holdings.currentRole) inherits none (NOINHERIT)",
                    statement: "ALTER ROLE \(me) INHERIT",
                    remedy: "let a role that may alter it run the statement first")
            }
            return Step(
                role: role.name, take: "GRANT \(quoted) TO \(me)", giveBack: "REVOKE \(quoted) FROM \(me)")
        }
        let grantor = role.admin.map { " GRANTED BY \(PQQuery.quoteIdentifier($0))" } ?? ""
        let take = "GRANT \(quoted) TO \(me) WITH INHERIT TRUE, SET TRUE\(grantor)"
        if let admin = role.admin, let link = role.links.first(where: { $0.grantor.isExactly(admin) }) {
            let (inherits, sets) = (link.inherits ? "TRUE" : "FALSE", link.sets ? "TRUE" : "FALSE")
            return Step(
                role: role.name, take: take,
                giveBack: "GRANT \(quoted) TO \(me) WITH INHERIT \(inherits), SET \(sets)\(grantor)")
        }
        return Step(role: role.name, take: take, giveBack: "REVOKE \(quoted) FROM \(me)\(grantor)")
    }
}

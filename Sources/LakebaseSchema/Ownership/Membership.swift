//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ
internal import ExactText

/// How the current user gets the privileges of roles for the length of a transaction.
///
/// What it is a member of already stays as it was. From PostgreSQL 16 on a membership is one by each grantor, with options: one that lacks an option gets
/// it and loses it again, and only what was not there is revoked.
struct Membership: Sendable, Hashable {
    private struct Step: Sendable, Hashable {
        var role: String
        var take: String
        var giveBack: String
    }

    private var steps: [Step] = []

    /// What comes first.
    var take: [String] { self.steps.map(\.take) }

    /// What comes last.
    ///
    /// - Parameter role: A role that may have been dropped by then, and its membership with it.
    func giveBack(without role: String? = nil) -> [String] {
        self.steps.reversed().filter { step in role.map { !step.role.isExactly($0) } ?? true }.map(\.giveBack)
    }

    /// - Throws: ``RoleError`` `notAllowed` when one of them cannot be had.
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
                "it takes the privileges of \(role.name), which \(holdings.currentRole) does not have and cannot give itself: let "
                    + "a role that may do so run this first", statement: "GRANT \(quoted) TO \(me)")
        }
        guard holdings.serverVersion >= 160_000 else {
            // Here no membership brings privileges to a role that does not inherit, and revoking would end one that was there before.
            guard holdings.currentRoleInherits else {
                throw RoleError(
                    .notAllowed,
                    "it takes the privileges of \(role.name), and \(holdings.currentRole) inherits none (NOINHERIT): let "
                        + "a role that may do so run this first", statement: "ALTER ROLE \(me) INHERIT")
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

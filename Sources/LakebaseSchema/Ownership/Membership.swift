//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AsyncPQ

/// How whoever works gets the privileges of roles for the length of a transaction.
struct Membership: Sendable, Hashable {
    /// What comes first.
    var take: [String] = []
    /// What comes last.
    var giveBack: [String] = []

    /// - Throws: ``RoleError`` `notAllowed` when one of them cannot be had.
    init(of names: [String], in holdings: RoleHoldings) throws(RoleError) {
        let me = PQQuery.quoteIdentifier(holdings.currentRole)
        for name in names where name != holdings.currentRole {
            guard let role = holdings[role: name], !role.isOurs else { continue }
            let quoted = PQQuery.quoteIdentifier(name)
            guard role.isGrantable else {
                throw RoleError(
                    .notAllowed,
                    "it takes the privileges of \(name), which \(holdings.currentRole) has not and cannot give itself: let "
                        + "somebody who may run this first", statement: "GRANT \(quoted) TO \(me)")
            }
            // From 16 on a membership may be one in name only.
            let options = holdings.serverVersion >= 160_000 ? " WITH INHERIT TRUE, SET TRUE" : ""
            self.take.append("GRANT \(quoted) TO \(me)\(options)")
            self.giveBack.insert("REVOKE \(quoted) FROM \(me)", at: 0)
        }
    }
}

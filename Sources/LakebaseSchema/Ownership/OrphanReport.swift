//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText

/// Roles without an identity that still have objects or privileges in a database, decided without a database.
///
/// A role without a user or service principal that still owns objects or holds privileges, or default privileges of a role that
/// can no longer create objects.
public struct OrphanReport: Sendable, Hashable {
    /// Why a role counts as orphaned.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// The workspace does not have its identity any more.
        case identityGone = "identity-gone"
        /// It has the name of an identity and is not linked to one, as `CREATE ROLE` makes it: no token logs in as it.
        case notLinked = "not-linked"
        /// It cannot log in, and no role that can is a member of it.
        case unreachable
    }

    /// An orphaned role.
    public struct Orphan: Sendable, Hashable {
        /// Its name.
        public var role: String
        /// Why it counts as orphaned.
        public var reason: Reason
        /// The objects that it owns in this database.
        public var owned: [RoleHoldings.Object]
        /// The objects on which it has privileges in this database.
        public var granted: [RoleHoldings.Object]
        /// Default privileges that it grants or gets.
        public var defaults: [RoleHoldings.Default]
        /// Its objects and privileges in other databases.
        public var elsewhere: [RoleHoldings.Elsewhere]
    }

    /// The orphaned roles, by name.
    public let orphans: [Orphan]
    /// Default privileges of other roles that may not create objects in the schema, and own nothing there.
    public let idleDefaults: [RoleHoldings.Default]
    /// Whether the identities of roles are known; without the extension databricks_auth in the database they are not.
    public let knowsIdentities: Bool
    /// The roles whose identities were not looked up in the workspace.
    public let unchecked: [String]

    /// Decides.
    ///
    /// - Parameters:
    ///   - holdings: The objects and privileges of all roles.
    ///   - missing: The roles whose identities the workspace does not have.
    ///   - checked: The roles whose identities were looked up.
    public init(holdings: RoleHoldings, missing: [String] = [], checked: [String] = []) {
        let roles = holdings.roles.filter { !$0.isSystem }
        let (missing, checked) = (Set(missing.map { ExactText($0) }), Set(checked.map { ExactText($0) }))
        self.knowsIdentities = holdings.knowsIdentities
        self.orphans = roles.compactMap { role in
            guard let reason = Self.reason(role, isMissing: missing.contains(ExactText(role.name)), holdings) else {
                return nil
            }
            let orphan = Orphan(
                role: role.name, reason: reason, owned: holdings.owned.filter { $0.role.isExactly(role.name) },
                granted: holdings.granted.filter { $0.role.isExactly(role.name) },
                defaults: holdings.defaults.filter { entry in
                    entry.creator.isExactly(role.name) || entry.grantee.map { $0.isExactly(role.name) } == true
                },
                elsewhere: holdings.elsewhere.filter { $0.role.isExactly(role.name) })
            let hasNothing =
                orphan.owned.isEmpty && orphan.granted.isEmpty && orphan.defaults.isEmpty && orphan.elsewhere.isEmpty
            // A role of a deleted identity is reported anyway; an unused role may just have been created.
            return hasNothing && reason == .unreachable ? nil : orphan
        }
        let lost = Set(self.orphans.map { ExactText($0.role) })
        let systems = Set(holdings.roles.filter(\.isSystem).map { ExactText($0.name) })
        self.idleDefaults = holdings.defaults.filter { entry in
            guard let schema = entry.schema, !entry.creatorMayCreate else { return false }
            let ownsThere = holdings.owned.contains {
                $0.role.isExactly(entry.creator) && $0.schema?.isExactly(schema) == true
            }
            let isListed =
                lost.contains(ExactText(entry.creator)) || entry.grantee.map { lost.contains(ExactText($0)) } == true
            return !ownsThere && !isListed && !systems.contains(ExactText(entry.creator))
        }
        self.unchecked = roles.filter { $0.identity != nil && !checked.contains(ExactText($0.name)) }.map(\.name)
    }

    private static func reason(_ role: RoleHoldings.Role, isMissing: Bool, _ holdings: RoleHoldings) -> Reason? {
        if isMissing { return .identityGone }
        if !role.isReachable { return .unreachable }
        guard holdings.knowsIdentities else { return nil }
        if role.identity == nil, role.canLogIn, WantedRole.isApplicationID(role.name) { return .notLinked }
        return nil
    }
}

extension OrphanReport.Orphan {
    /// The remedy, as commands.
    public var remedy: String {
        let delete = "lakebase roles delete ROLE"
        return self.owned.isEmpty && self.elsewhere.allSatisfy { $0.owned == 0 }
            ? delete : "lakebase grants transfer --from ROLE --to OTHER, then \(delete)"
    }
}

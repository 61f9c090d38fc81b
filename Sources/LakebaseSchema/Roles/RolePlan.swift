//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks

/// What creating a role requires, decided without a database.
public enum RolePlan: Sendable, Hashable {
    /// No role has this name.
    case create(WantedRole)
    /// The role exists and can be used.
    case keep(DatabaseRole)
    /// A role of this name exists and cannot be used.
    ///
    /// It is never changed or dropped: a user may log in with it, and its grants would be lost.
    case conflict(wanted: WantedRole, found: DatabaseRole)

    /// Compares the desired with the observed state.
    public init(_ wanted: WantedRole, found: DatabaseRole?) {
        guard let found else {
            self = .create(wanted)
            return
        }
        let fits: Bool =
            switch found.login {
            case .oauth, .unknown: found.identity == wanted.identity
            case .password, .none: false
            }
        self = fits ? .keep(found) : .conflict(wanted: wanted, found: found)
    }

    /// The statements that create the role by SQL, to show.
    public var statements: [String] {
        switch self {
        case .create(let role):
            IdentityRole.creation(of: role.name, type: role.identity.wireName).map {
                ["CREATE EXTENSION IF NOT EXISTS databricks_auth", $0]
            } ?? []
        case .keep, .conflict: []
        }
    }

    /// The conflict and its remedy; nil when there is no conflict.
    public var problem: String? { self.advice?.description }

    /// The same in its parts.
    var advice: Advice? {
        switch self {
        case .create, .keep: nil
        case .conflict(let wanted, let found):
            Advice(
                "there is a role \(found.name) already, \(found.words), and not \(Self.article(wanted.identity)) that logs "
                    + "in with a token; it is left as it is",
                remedy: Self.remedy(found))
        }
    }

    private static func remedy(_ found: DatabaseRole) -> String {
        if found.identity == nil, found.login == .unknown {
            return "to see what it is linked to, run CREATE EXTENSION databricks_auth in this database, and try again"
        }
        return "give what it owns to another role (lakebase grants transfer --from ROLE --to OTHER), delete it "
            + "(lakebase roles delete ROLE), and create it again; or use another identity"
    }

    private static func article(_ identity: RoleIdentity) -> String { "one for a \(identity.words)" }
}

extension DatabaseRole {
    /// A description, to follow the role's name.
    public var words: String {
        let kind = self.identity.map { "for a \($0.words)" } ?? "linked to no identity"
        let login =
            switch self.login {
            case .oauth: "that logs in with a token"
            case .password: "that logs in with a password"
            case .none: "that cannot log in"
            case .unknown: "with an unknown way to log in"
            }
        return "\(kind), \(login)"
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks

/// What has to be done so that a role is there: a decision without a database.
public enum RolePlan: Sendable, Hashable {
    /// There is none of that name.
    case create(WantedRole)
    /// It is there as it is to be.
    case keep(DatabaseRole)
    /// There is one of that name that cannot serve.
    ///
    /// It is never changed or dropped: a user may log in with it, and its grants would be lost.
    case conflict(wanted: WantedRole, found: DatabaseRole)

    /// Compares what is wanted with what is there.
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

    /// What makes the role by SQL, for people to read.
    public var statements: [String] {
        switch self {
        case .create(let role):
            IdentityRole.creation(of: role.name, type: role.identity.wireName).map {
                ["CREATE EXTENSION IF NOT EXISTS databricks_auth", $0]
            } ?? []
        case .keep, .conflict: []
        }
    }

    /// What stands in the way, and what to do about it; nil when nothing does.
    public var problem: String? {
        switch self {
        case .create, .keep: nil
        case .conflict(let wanted, let found):
            "there is a role \(found.name) already, \(found.words), and not \(Self.article(wanted.identity)) that logs in "
                + "with a token. It is left as it is. \(Self.remedy(wanted, found))"
        }
    }

    private static func remedy(_ wanted: WantedRole, _ found: DatabaseRole) -> String {
        if found.identity == nil, found.login == .unknown {
            return "To see what it is linked to: CREATE EXTENSION databricks_auth in this database, and again"
        }
        return "Give what it owns to another role (lakebase grants transfer --from ROLE --to OTHER), delete it "
            + "(lakebase roles delete ROLE), and create it again; or use another identity"
    }

    private static func article(_ identity: RoleIdentity) -> String { "one for a \(identity.words)" }
}

extension DatabaseRole {
    /// What it is, to follow its name.
    public var words: String {
        let kind = self.identity.map { "for a \($0.words)" } ?? "linked to no identity"
        let login =
            switch self.login {
            case .oauth: "that logs in with a token"
            case .password: "that logs in with a password"
            case .none: "that cannot log in"
            case .unknown: "of which it is not known how it logs in"
            }
        return "\(kind), \(login)"
    }
}

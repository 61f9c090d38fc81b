//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import LakebaseSchema

/// What someone other than the app may do in the app's schema.
public struct DeploymentPermission: Sendable, Hashable {
    /// Who.
    public var principal: Principal
    /// What.
    public var access: DeploymentAccess

    /// The identity that gets a permission.
    public enum Principal: Sendable, Hashable {
        /// A user, by e-mail address.
        case user(String)
        /// A service principal, by application id.
        case servicePrincipal(String)
        /// A group of the workspace, by name.
        case group(String)

        /// The name of the role in PostgreSQL.
        public var role: String {
            switch self {
            case .user(let name), .servicePrincipal(let name), .group(let name): name
            }
        }
    }

    /// A permission from its parts.
    public init(_ principal: Principal, _ access: DeploymentAccess) {
        self.principal = principal
        self.access = access
    }
}

/// A set of privileges.
public enum DeploymentAccess: Sendable, Hashable {
    /// A preset.
    case preset(GrantSet.Preset)
    /// Privileges by kind of object.
    case privileges([Privilege.Kind: Set<Privilege>])

    /// The privileges, by kind of object.
    public var privileges: [Privilege.Kind: Set<Privilege>] {
        switch self {
        case .preset(let preset): preset.privileges
        case .privileges(let privileges): privileges
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseSchema

extension DeploymentPermission.Principal {
    /// The role of the principal.
    var wantedRole: WantedRole {
        get throws {
            switch self {
            case .user(let name): try WantedRole(name: name, identity: .user)
            case .servicePrincipal(let name): try WantedRole(name: name, identity: .servicePrincipal)
            case .group(let name): try WantedRole(name: name, identity: .group)
            }
        }
    }
}

extension DeploymentLakebase.Target {
    /// The place of its roles in the API.
    var rolePlace: RoleManager.Place {
        switch self {
        case .autoscaling(let place): .branch(place.branchName)
        case .provisioned(let place): .instance(place.instance)
        }
    }
}

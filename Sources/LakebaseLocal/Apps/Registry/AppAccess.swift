//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks
import ExactText
import LocalWorkspace

/// The permissions on an app or a project, as a value.
///
/// Service principals are held to it. Visitors are not: each of them is the developer.
struct AppAccess: Codable, Equatable, Sendable {
    /// A principal to which a permission can be granted.
    enum Grantee: Codable, Hashable, Sendable {
        case user(String)
        case group(String)
        case servicePrincipal(String)

        /// The principal under the service's name for those it does not know.
        var description: String {
            switch self {
            case .user(let name): "UserName(\(name))"
            case .group(let name): "GroupName(\(name))"
            case .servicePrincipal(let name): "ServicePrincipalName(\(name))"
            }
        }
    }

    /// One entry of the list.
    struct Grant: Codable, Equatable, Sendable {
        var grantee: Grantee
        var level: Apps.PermissionLevel
    }

    private(set) var grants: [Grant] = []

    static let levels = [
        Apps.PermissionLevelDescription(permissionLevel: .canUse, description: "Can open the app."),
        .init(permissionLevel: .canManage, description: "Can open, change, deploy and delete the app."),
    ]

    /// Reads a request's list.
    ///
    /// - Parameter exists: Whether the workspace has a principal.
    /// - Throws: 400 for an entry without exactly one name and a known level, 404 for a principal that is not there.
    static func grants(
        from list: [Apps.AccessControlRequest]?, exists: (Grantee) -> Bool
    ) throws(APIFailure) -> [Grant] {
        var grants: [Grant] = []
        for entry in list ?? [] {
            let names = [
                entry.userName.map { Grantee.user($0) }, entry.groupName.map { .group($0) },
                entry.servicePrincipalName.map { .servicePrincipal($0) },
            ].compactMap { $0 }
            guard names.count == 1 else {
                throw .invalid(
                    "Exactly one of 'user_name', 'group_name' and 'service_principal_name' must be specified.")
            }
            guard let level = entry.permissionLevel, Self.levels.contains(where: { $0.permissionLevel == level }) else {
                throw .invalid(
                    "Permission level '\(entry.permissionLevel?.rawValue ?? "")' is not one of CAN_USE and CAN_MANAGE.")
            }
            guard exists(names[0]) else {
                throw APIFailure(
                    404, "RESOURCE_DOES_NOT_EXIST", "Principal: \(names[0].description) does not exist")
            }
            grants.append(Grant(grantee: names[0], level: level))
        }
        return grants
    }

    /// Whether a principal has a permission level, by name or through the group of all users.
    func allows(_ identity: LocalIdentity, _ level: Apps.PermissionLevel) -> Bool {
        self.grants.contains { grant in
            guard grant.level == level || grant.level == .canManage else { return false }
            switch grant.grantee {
            case .user(let name): return identity.kind == .user && name.isExactly(identity.userName)
            case .servicePrincipal(let name):
                return identity.kind == .servicePrincipal && name.isExactly(identity.userName)
            case .group(let name): return name.isExactly("users")
            }
        }
    }

    /// Adds grants; a principal has one level.
    mutating func add(_ grants: [Grant]) {
        for grant in grants {
            self.grants.removeAll { $0.grantee == grant.grantee }
            self.grants.append(grant)
        }
    }

    /// Replaces all grants.
    mutating func replace(by grants: [Grant]) {
        self.grants = []
        self.add(grants)
    }

    /// The API's answer about the permissions on an app, or another kind of object.
    ///
    /// - Parameter displayName: A name for people to read.
    func resource(of name: String, kind: String = "apps", displayName: (Grantee) -> String?) -> Apps.Permissions {
        Apps.Permissions(
            objectID: "/\(kind)/\(name)", objectType: kind,
            accessControlList: self.grants.map { grant in
                var entry = Apps.AccessControl(
                    displayName: displayName(grant.grantee),
                    allPermissions: [.init(permissionLevel: grant.level, inherited: false)])
                switch grant.grantee {
                case .user(let name): entry.userName = name
                case .group(let name): entry.groupName = name
                case .servicePrincipal(let name): entry.servicePrincipalName = name
                }
                return entry
            }
        )
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Apps {
    /// The permission of a principal on an app.
    public struct PermissionLevel: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Open it.
        public static let canUse = Self(rawValue: "CAN_USE")
        /// Open, change, deploy and delete it, and manage its permissions.
        public static let canManage = Self(rawValue: "CAN_MANAGE")
    }

    /// A principal and the permission to grant it; exactly one of the three names is set.
    public struct AccessControlRequest: Codable, Hashable, Sendable {
        /// The name of a user.
        public var userName: String?
        /// The name of a group.
        public var groupName: String?
        /// The application id of a service principal.
        public var servicePrincipalName: String?
        /// The permission level.
        public var permissionLevel: PermissionLevel?

        /// Creates a value from its fields.
        public init(
            userName: String? = nil, groupName: String? = nil, servicePrincipalName: String? = nil,
            permissionLevel: PermissionLevel? = nil
        ) {
            self.userName = userName
            self.groupName = groupName
            self.servicePrincipalName = servicePrincipalName
            self.permissionLevel = permissionLevel
        }

        private enum CodingKeys: String, CodingKey {
            case userName = "user_name"
            case groupName = "group_name"
            case servicePrincipalName = "service_principal_name"
            case permissionLevel = "permission_level"
        }
    }

    /// The body of a request that sets or changes permissions.
    public struct PermissionsRequest: Codable, Hashable, Sendable {
        /// The permissions by principal.
        public var accessControlList: [AccessControlRequest]?

        /// Creates a value from its fields.
        public init(accessControlList: [AccessControlRequest]? = nil) { self.accessControlList = accessControlList }

        private enum CodingKeys: String, CodingKey {
            case accessControlList = "access_control_list"
        }
    }

    /// A permission that a principal has.
    public struct Permission: Codable, Hashable, Sendable {
        /// The permission level.
        public var permissionLevel: PermissionLevel?
        /// Whether it is inherited from a parent object, and so cannot be revoked here.
        public var inherited: Bool?
        /// The objects from which it is inherited.
        public var inheritedFromObject: [String]?

        /// Creates a value from its fields.
        public init(
            permissionLevel: PermissionLevel? = nil, inherited: Bool? = nil, inheritedFromObject: [String]? = nil
        ) {
            self.permissionLevel = permissionLevel
            self.inherited = inherited
            self.inheritedFromObject = inheritedFromObject
        }

        private enum CodingKeys: String, CodingKey {
            case permissionLevel = "permission_level"
            case inherited
            case inheritedFromObject = "inherited_from_object"
        }
    }

    /// A principal and all its permissions.
    public struct AccessControl: Codable, Hashable, Sendable {
        /// The name of a user.
        public var userName: String?
        /// The name of a group.
        public var groupName: String?
        /// The application id of a service principal.
        public var servicePrincipalName: String?
        /// The display name.
        public var displayName: String?
        /// The permission level.
        public var allPermissions: [Permission]?

        /// Creates a value from its fields.
        public init(
            userName: String? = nil, groupName: String? = nil, servicePrincipalName: String? = nil,
            displayName: String? = nil, allPermissions: [Permission]? = nil
        ) {
            self.userName = userName
            self.groupName = groupName
            self.servicePrincipalName = servicePrincipalName
            self.displayName = displayName
            self.allPermissions = allPermissions
        }

        private enum CodingKeys: String, CodingKey {
            case userName = "user_name"
            case groupName = "group_name"
            case servicePrincipalName = "service_principal_name"
            case displayName = "display_name"
            case allPermissions = "all_permissions"
        }
    }

    /// The permissions on an app, by principal.
    public struct Permissions: Codable, Hashable, Sendable {
        /// The object, `/apps/{name}`.
        public var objectID: String?
        /// The kind of object, `apps`.
        public var objectType: String?
        /// The principals that have a permission.
        public var accessControlList: [AccessControl]?

        /// Creates a value from its fields.
        public init(objectID: String? = nil, objectType: String? = nil, accessControlList: [AccessControl]? = nil) {
            self.objectID = objectID
            self.objectType = objectType
            self.accessControlList = accessControlList
        }

        private enum CodingKeys: String, CodingKey {
            case objectID = "object_id"
            case objectType = "object_type"
            case accessControlList = "access_control_list"
        }
    }

    /// A permission level with its description.
    public struct PermissionLevelDescription: Codable, Hashable, Sendable {
        /// The level.
        public var permissionLevel: PermissionLevel?
        /// What it allows.
        public var description: String?

        /// Creates a value from its fields.
        public init(permissionLevel: PermissionLevel? = nil, description: String? = nil) {
            self.permissionLevel = permissionLevel
            self.description = description
        }

        private enum CodingKeys: String, CodingKey {
            case permissionLevel = "permission_level"
            case description
        }
    }

    /// The permission levels that can be granted.
    public struct PermissionLevelsResponse: Codable, Hashable, Sendable {
        /// The levels.
        public var permissionLevels: [PermissionLevelDescription]?

        /// Creates a value from its fields.
        public init(permissionLevels: [PermissionLevelDescription]? = nil) { self.permissionLevels = permissionLevels }

        private enum CodingKeys: String, CodingKey {
            case permissionLevels = "permission_levels"
        }
    }
}

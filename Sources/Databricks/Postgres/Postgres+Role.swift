//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Postgres {
    /// A role of PostgreSQL on a branch.
    public struct Role: Codable, Hashable, Sendable {
        /// The resource name, `.../branches/{branch}/roles/{role_id}`.
        public var name: String?
        /// The id, which is not the role's name in PostgreSQL.
        public var roleID: String?
        /// The name of the branch.
        public var parent: String?
        /// The time of its creation.
        @Wire<RFC3339> public var createTime: Date?
        /// The time of its last change.
        @Wire<RFC3339> public var updateTime: Date?
        /// The requested settings.
        ///
        /// Only sent, never answered.
        public var spec: RoleSpec?
        /// The settings in effect.
        ///
        /// Only answered, never sent.
        public var status: RoleStatus?

        /// Creates a value from its fields.
        public init(
            name: String? = nil,
            roleID: String? = nil,
            parent: String? = nil,
            createTime: Date? = nil,
            updateTime: Date? = nil,
            spec: RoleSpec? = nil,
            status: RoleStatus? = nil
        ) {
            self.name = name
            self.roleID = roleID
            self.parent = parent
            self.createTime = createTime
            self.updateTime = updateTime
            self.spec = spec
            self.status = status
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case roleID = "role_id"
            case parent
            case createTime = "create_time"
            case updateTime = "update_time"
            case spec
            case status
        }
    }

    /// The requested settings of a role.
    public struct RoleSpec: Codable, Hashable, Sendable {
        /// The name in PostgreSQL: an e-mail address, an application id or a group's name for a Databricks identity.
        public var postgresRole: String?
        /// The kind of identity; absent for a plain role.
        public var identityType: RoleIdentityType?
        /// The login method.
        public var authMethod: RoleAuthMethod?
        /// The roles it is a member of.
        public var membershipRoles: [RoleMembership]?
        /// The attributes.
        public var attributes: RoleAttributes?

        /// Creates a value from its fields.
        public init(
            postgresRole: String? = nil,
            identityType: RoleIdentityType? = nil,
            authMethod: RoleAuthMethod? = nil,
            membershipRoles: [RoleMembership]? = nil,
            attributes: RoleAttributes? = nil
        ) {
            self.postgresRole = postgresRole
            self.identityType = identityType
            self.authMethod = authMethod
            self.membershipRoles = membershipRoles
            self.attributes = attributes
        }

        private enum CodingKeys: String, CodingKey {
            case postgresRole = "postgres_role"
            case identityType = "identity_type"
            case authMethod = "auth_method"
            case membershipRoles = "membership_roles"
            case attributes
        }
    }

    /// The settings of a role that are in effect.
    public struct RoleStatus: Codable, Hashable, Sendable {
        /// The id.
        public var roleID: String?
        /// The name in PostgreSQL.
        public var postgresRole: String?
        /// The kind of identity.
        public var identityType: RoleIdentityType?
        /// The login method.
        public var authMethod: RoleAuthMethod?
        /// The roles it is a member of.
        public var membershipRoles: [RoleMembership]?
        /// The attributes.
        public var attributes: RoleAttributes?

        /// Creates a value from its fields.
        public init(
            roleID: String? = nil,
            postgresRole: String? = nil,
            identityType: RoleIdentityType? = nil,
            authMethod: RoleAuthMethod? = nil,
            membershipRoles: [RoleMembership]? = nil,
            attributes: RoleAttributes? = nil
        ) {
            self.roleID = roleID
            self.postgresRole = postgresRole
            self.identityType = identityType
            self.authMethod = authMethod
            self.membershipRoles = membershipRoles
            self.attributes = attributes
        }

        private enum CodingKeys: String, CodingKey {
            case roleID = "role_id"
            case postgresRole = "postgres_role"
            case identityType = "identity_type"
            case authMethod = "auth_method"
            case membershipRoles = "membership_roles"
            case attributes
        }
    }

    /// The attributes of a role.
    public struct RoleAttributes: Codable, Hashable, Sendable {
        /// May create databases.
        public var createDatabase: Bool?
        /// May create roles.
        public var createRole: Bool?
        /// Bypasses row-level security.
        public var bypassRowSecurity: Bool?

        /// Creates a value from its fields.
        public init(
            createDatabase: Bool? = nil,
            createRole: Bool? = nil,
            bypassRowSecurity: Bool? = nil
        ) {
            self.createDatabase = createDatabase
            self.createRole = createRole
            self.bypassRowSecurity = bypassRowSecurity
        }

        private enum CodingKeys: String, CodingKey {
            case createDatabase = "createdb"
            case createRole = "createrole"
            case bypassRowSecurity = "bypassrls"
        }
    }

    /// The kind of identity behind a role.
    public struct RoleIdentityType: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A user.
        public static let user = Self(rawValue: "USER")
        /// A service principal.
        public static let servicePrincipal = Self(rawValue: "SERVICE_PRINCIPAL")
        /// A group.
        public static let group = Self(rawValue: "GROUP")
        /// No Databricks identity.
        public static let unspecified = Self(rawValue: "IDENTITY_TYPE_UNSPECIFIED")
    }

    /// The login method of a role.
    public struct RoleAuthMethod: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// With a database credential.
        public static let oauth = Self(rawValue: "LAKEBASE_OAUTH_V1")
        /// With a native password.
        public static let password = Self(rawValue: "PG_PASSWORD_SCRAM_SHA_256")
        /// Not at all.
        public static let noLogin = Self(rawValue: "NO_LOGIN")
    }

    /// A role of the platform that has members.
    public struct RoleMembership: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// May read and write all data.
        public static let databricksSuperuser = Self(rawValue: "DATABRICKS_SUPERUSER")
    }
}

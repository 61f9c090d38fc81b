//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Database {
    /// A role of PostgreSQL on an instance.
    public struct InstanceRole: Codable, Hashable, Sendable {
        /// The name in PostgreSQL.
        public var name: String
        /// The kind of identity.
        public var identityType: RoleIdentityType?
        /// The role it is a member of.
        public var membershipRole: RoleMembership?
        /// The attributes.
        public var attributes: RoleAttributes?
        /// The attributes in effect.
        public var effectiveAttributes: RoleAttributes?
        /// The instance.
        public var instanceName: String?

        /// Creates a value from its fields.
        public init(
            name: String,
            identityType: RoleIdentityType? = nil,
            membershipRole: RoleMembership? = nil,
            attributes: RoleAttributes? = nil,
            effectiveAttributes: RoleAttributes? = nil,
            instanceName: String? = nil
        ) {
            self.name = name
            self.identityType = identityType
            self.membershipRole = membershipRole
            self.attributes = attributes
            self.effectiveAttributes = effectiveAttributes
            self.instanceName = instanceName
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case identityType = "identity_type"
            case membershipRole = "membership_role"
            case attributes
            case effectiveAttributes = "effective_attributes"
            case instanceName = "instance_name"
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
        public static let postgresOnly = Self(rawValue: "PG_ONLY")
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

    /// A page of roles.
    public struct ListInstanceRolesResponse: Codable, Hashable, Sendable {
        /// The page; absent and empty are the same.
        public var roles: [InstanceRole]?
        /// The token of the next page; absent or empty on the last page.
        public var nextPageToken: String?

        /// Creates a value from its fields.
        public init(
            roles: [InstanceRole]? = nil,
            nextPageToken: String? = nil
        ) {
            self.roles = roles
            self.nextPageToken = nextPageToken
        }

        private enum CodingKeys: String, CodingKey {
            case roles = "database_instance_roles"
            case nextPageToken = "next_page_token"
        }
    }
}

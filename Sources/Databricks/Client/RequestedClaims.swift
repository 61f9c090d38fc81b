//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The permissions that a database credential is limited to; the same in both APIs.
public struct RequestedClaims: Codable, Hashable, Sendable {
    /// The permissions.
    public var permissionSet: PermissionSet?
    /// The resources that they are for.
    public var resources: [Resource]?

    /// Creates claims from their fields.
    public init(
        permissionSet: PermissionSet? = nil,
        resources: [Resource]? = nil
    ) {
        self.permissionSet = permissionSet
        self.resources = resources
    }

    private enum CodingKeys: String, CodingKey {
        case permissionSet = "permission_set"
        case resources
    }

    /// The resource that permissions are for.
    public struct Resource: Codable, Hashable, Sendable {
        /// A table, as `catalog.schema.table`.
        public var tableName: String?
        /// Another resource, by name.
        public var unspecifiedResourceName: String?

        /// Creates a value from its fields.
        public init(
            tableName: String? = nil,
            unspecifiedResourceName: String? = nil
        ) {
            self.tableName = tableName
            self.unspecifiedResourceName = unspecifiedResourceName
        }

        private enum CodingKeys: String, CodingKey {
            case tableName = "table_name"
            case unspecifiedResourceName = "unspecified_resource_name"
        }
    }

    /// A set of permissions.
    public struct PermissionSet: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Creates a value from any name, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Read only.
        public static let readOnly = Self(rawValue: "READ_ONLY")
    }
}

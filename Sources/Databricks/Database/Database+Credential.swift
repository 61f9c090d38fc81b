//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension Database {
    /// What a database credential is to be good for.
    public struct GenerateDatabaseCredentialRequest: Codable, Hashable, Sendable {
        /// The instances.
        ///
        /// Either these or claims are needed.
        public var instanceNames: [String]?
        /// A UUID that tells a repeated request from a new one.
        public var requestID: String?
        /// What it is restricted to.
        public var claims: [RequestedClaims]?

        /// Makes one from its fields.
        public init(
            instanceNames: [String]? = nil,
            requestID: String? = nil,
            claims: [RequestedClaims]? = nil
        ) {
            self.instanceNames = instanceNames
            self.requestID = requestID
            self.claims = claims
        }

        private enum CodingKeys: String, CodingKey {
            case instanceNames = "instance_names"
            case requestID = "request_id"
            case claims
        }
    }

    /// Rights to put into a credential.
    public struct RequestedClaims: Codable, Hashable, Sendable {
        /// The rights.
        public var permissionSet: PermissionSet?
        /// What they are for.
        public var resources: [RequestedResource]?

        /// Makes one from its fields.
        public init(
            permissionSet: PermissionSet? = nil,
            resources: [RequestedResource]? = nil
        ) {
            self.permissionSet = permissionSet
            self.resources = resources
        }

        private enum CodingKeys: String, CodingKey {
            case permissionSet = "permission_set"
            case resources
        }
    }

    /// Something that rights are for.
    public struct RequestedResource: Codable, Hashable, Sendable {
        /// A table, as `catalog.schema.table`.
        public var tableName: String?
        /// Anything else, by name.
        public var unspecifiedResourceName: String?

        /// Makes one from its fields.
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

    /// A set of rights.
    public struct PermissionSet: OpenEnum {
        /// The name on the wire.
        public let rawValue: String

        /// Takes any name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Reading.
        public static let readOnly = Self(rawValue: "READ_ONLY")
    }
}

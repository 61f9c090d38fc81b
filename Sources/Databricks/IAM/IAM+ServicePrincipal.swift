//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension IAM {
    /// An identity for programs, as SCIM describes it.
    public struct ServicePrincipal: Codable, Hashable, Sendable {
        /// The SCIM schemas.
        public var schemas: [String]?
        /// A number in text, given by the service.
        @Wire<LossyString> public var id: String?
        /// A UUID: the OAuth client id, and the name of its role in Lakebase.
        public var applicationID: String?
        /// The display name.
        public var displayName: String?
        /// Whether it may sign in.
        public var active: Bool?
        /// Groups it is in.
        public var groups: [Value]?
        /// Roles in the account.
        public var roles: [Value]?
        /// Rights in the workspace.
        public var entitlements: [Value]?
        /// An id in the identity provider.
        public var externalID: String?

        /// Creates a value from its fields.
        public init(
            schemas: [String]? = nil,
            id: String? = nil,
            applicationID: String? = nil,
            displayName: String? = nil,
            active: Bool? = nil,
            groups: [Value]? = nil,
            roles: [Value]? = nil,
            entitlements: [Value]? = nil,
            externalID: String? = nil
        ) {
            self.schemas = schemas
            self.id = id
            self.applicationID = applicationID
            self.displayName = displayName
            self.active = active
            self.groups = groups
            self.roles = roles
            self.entitlements = entitlements
            self.externalID = externalID
        }

        private enum CodingKeys: String, CodingKey {
            case schemas
            case id
            case applicationID = "applicationId"
            case displayName
            case active
            case groups
            case roles
            case entitlements
            case externalID = "externalId"
        }

        /// The SCIM schema of a service principal.
        public static let schema = "urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"
    }

    /// A page of service principals.
    public struct ListServicePrincipalsResponse: Codable, Hashable, Sendable {
        /// The SCIM schemas.
        public var schemas: [String]?
        /// The total number.
        @Wire<IntegerCoding> public var totalResults: Int64?
        /// The index of the page's first item, counted from one.
        @Wire<IntegerCoding> public var startIndex: Int64?
        /// The number of items on the page.
        @Wire<IntegerCoding> public var itemsPerPage: Int64?
        /// The page.
        public var resources: [ServicePrincipal]?

        /// Creates a value from its fields.
        public init(
            schemas: [String]? = nil,
            totalResults: Int64? = nil,
            startIndex: Int64? = nil,
            itemsPerPage: Int64? = nil,
            resources: [ServicePrincipal]? = nil
        ) {
            self.schemas = schemas
            self.totalResults = totalResults
            self.startIndex = startIndex
            self.itemsPerPage = itemsPerPage
            self.resources = resources
        }

        private enum CodingKeys: String, CodingKey {
            case schemas
            case totalResults
            case startIndex
            case itemsPerPage
            case resources = "Resources"
        }

        /// The SCIM schema of a list.
        public static let schema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
    }

    /// Changes of a SCIM resource.
    public struct PatchRequest: Codable, Hashable, Sendable {
        /// The SCIM schemas.
        public var schemas: [String]?
        /// The changes, in order.
        public var operations: [PatchOperation]?

        /// Creates a value from its fields.
        public init(
            schemas: [String]? = nil,
            operations: [PatchOperation]? = nil
        ) {
            self.schemas = schemas
            self.operations = operations
        }

        private enum CodingKeys: String, CodingKey {
            case schemas
            case operations = "Operations"
        }

        /// The SCIM schema of changes.
        public static let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
    }

    /// One change of a SCIM resource.
    public struct PatchOperation: Codable, Hashable, Sendable {
        /// `add`, `replace` or `remove`.
        public var op: String?
        /// The attribute.
        public var path: String?
        /// The new value.
        public var value: JSONValue?

        /// Creates a value from its fields.
        public init(
            op: String? = nil,
            path: String? = nil,
            value: JSONValue? = nil
        ) {
            self.op = op
            self.path = path
            self.value = value
        }

        private enum CodingKeys: String, CodingKey {
            case op
            case path
            case value
        }
    }
}

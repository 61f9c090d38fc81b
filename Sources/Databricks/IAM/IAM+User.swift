//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension IAM {
    /// A user or service principal, as SCIM describes it.
    public struct User: Codable, Hashable, Sendable {
        /// The SCIM schemas of the answer.
        public var schemas: [String]?
        /// A number in text.
        @Wire<LossyString> public var id: String?
        /// The e-mail address; for a service principal its application id.
        ///
        /// Also the name of its role in Lakebase.
        public var userName: String?
        /// The display name.
        public var displayName: String?
        /// Whether it may sign in.
        public var active: Bool?
        /// The parts of the name.
        public var name: Name?
        /// Addresses.
        public var emails: [Value]?
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
            userName: String? = nil,
            displayName: String? = nil,
            active: Bool? = nil,
            name: Name? = nil,
            emails: [Value]? = nil,
            groups: [Value]? = nil,
            roles: [Value]? = nil,
            entitlements: [Value]? = nil,
            externalID: String? = nil
        ) {
            self.schemas = schemas
            self.id = id
            self.userName = userName
            self.displayName = displayName
            self.active = active
            self.name = name
            self.emails = emails
            self.groups = groups
            self.roles = roles
            self.entitlements = entitlements
            self.externalID = externalID
        }

        private enum CodingKeys: String, CodingKey {
            case schemas
            case id
            case userName
            case displayName
            case active
            case name
            case emails
            case groups
            case roles
            case entitlements
            case externalID = "externalId"
        }
    }

    /// The parts of a person's name.
    public struct Name: Codable, Hashable, Sendable {
        /// The given name.
        public var givenName: String?
        /// The family name.
        public var familyName: String?

        /// Creates a value from its fields.
        public init(
            givenName: String? = nil,
            familyName: String? = nil
        ) {
            self.givenName = givenName
            self.familyName = familyName
        }

        private enum CodingKeys: String, CodingKey {
            case givenName
            case familyName
        }
    }

    /// A value in a SCIM list.
    public struct Value: Codable, Hashable, Sendable {
        /// The value itself.
        public var value: String?
        /// The display text.
        public var display: String?
        /// The type.
        public var type: String?
        /// Whether it is the primary value.
        public var primary: Bool?
        /// The address of the referenced resource.
        public var reference: String?

        /// Creates a value from its fields.
        public init(
            value: String? = nil,
            display: String? = nil,
            type: String? = nil,
            primary: Bool? = nil,
            reference: String? = nil
        ) {
            self.value = value
            self.display = display
            self.type = type
            self.primary = primary
            self.reference = reference
        }

        private enum CodingKeys: String, CodingKey {
            case value
            case display
            case type
            case primary
            case reference = "$ref"
        }
    }
}

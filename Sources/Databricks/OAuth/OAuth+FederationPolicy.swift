//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension OAuth {
    /// The tokens of other issuers that a workspace exchanges for its own.
    ///
    /// A policy with a service principal is that principal's; one without is for all of the account, and the token itself says who its bearer is.
    public struct FederationPolicy: Codable, Hashable, Sendable {
        /// The resource's name.
        public var name: String?
        /// The description.
        public var description: String?
        /// The number of the service principal whose policy it is.
        @Wire<IntegerCoding> public var servicePrincipalID: Int64?
        /// The tokens that are accepted.
        public var oidcPolicy: OIDCFederationPolicy?

        /// Creates a value from its fields.
        public init(
            name: String? = nil,
            description: String? = nil,
            servicePrincipalID: Int64? = nil,
            oidcPolicy: OIDCFederationPolicy? = nil
        ) {
            self.name = name
            self.description = description
            self.servicePrincipalID = servicePrincipalID
            self.oidcPolicy = oidcPolicy
        }

        private enum CodingKeys: String, CodingKey {
            case name
            case description
            case servicePrincipalID = "service_principal_id"
            case oidcPolicy = "oidc_policy"
        }
    }

    /// The tokens of another issuer that are accepted.
    public struct OIDCFederationPolicy: Codable, Hashable, Sendable {
        /// The `iss` of the tokens.
        public var issuer: String?
        /// The `aud` of the tokens, any of these; the account's id when there are none.
        public var audiences: [String]?
        /// The claim that names the bearer; `sub` when absent.
        public var subjectClaim: String?
        /// The required value of that claim, in a service principal's policy.
        public var subject: String?
        /// The issuer's public keys: a JSON Web Key Set, as text.
        public var keySet: String?
        /// The address of the issuer's public keys.
        public var keySetURI: String?

        /// Creates a value from its fields.
        public init(
            issuer: String? = nil,
            audiences: [String]? = nil,
            subjectClaim: String? = nil,
            subject: String? = nil,
            keySet: String? = nil,
            keySetURI: String? = nil
        ) {
            self.issuer = issuer
            self.audiences = audiences
            self.subjectClaim = subjectClaim
            self.subject = subject
            self.keySet = keySet
            self.keySetURI = keySetURI
        }

        private enum CodingKeys: String, CodingKey {
            case issuer
            case audiences
            case subjectClaim = "subject_claim"
            case subject
            case keySet = "jwks_json"
            case keySetURI = "jwks_uri"
        }
    }
}

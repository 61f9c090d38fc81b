//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension OAuth {
    /// The metadata of a host at `/.well-known/databricks-config`.
    public struct HostMetadata: Codable, Hashable, Sendable {
        /// The root of the OAuth service; `{account_id}` in it stands for the account.
        public var oidcEndpoint: String?
        /// The account.
        public var accountID: String?
        /// The workspace, a number in text.
        @Wire<LossyString> public var workspaceID: String?
        /// `AWS`, `AZURE` or `GCP`.
        public var cloud: String?
        /// The kind of host.
        public var hostType: String?
        /// Audiences for tokens of other issuers.
        public var defaultOIDCAudiences: [String]?

        /// Creates a value from its fields.
        public init(
            oidcEndpoint: String? = nil,
            accountID: String? = nil,
            workspaceID: String? = nil,
            cloud: String? = nil,
            hostType: String? = nil,
            defaultOIDCAudiences: [String]? = nil
        ) {
            self.oidcEndpoint = oidcEndpoint
            self.accountID = accountID
            self.workspaceID = workspaceID
            self.cloud = cloud
            self.hostType = hostType
            self.defaultOIDCAudiences = defaultOIDCAudiences
        }

        private enum CodingKeys: String, CodingKey {
            case oidcEndpoint = "oidc_endpoint"
            case accountID = "account_id"
            case workspaceID = "workspace_id"
            case cloud
            case hostType = "host_type"
            case defaultOIDCAudiences = "token_federation_default_oidc_audiences"
        }
    }

    /// The discovery document of an OAuth service (RFC 8414).
    public struct AuthorizationServerMetadata: Codable, Hashable, Sendable {
        /// The issuer of the tokens.
        public var issuer: String?
        /// The authorization endpoint.
        public var authorizationEndpoint: String?
        /// The token endpoint.
        public var tokenEndpoint: String?
        /// The address of the public keys.
        public var keySetURI: String?
        /// Scopes.
        public var scopesSupported: [String]?
        /// Response types.
        public var responseTypesSupported: [String]?
        /// Grant types.
        public var grantTypesSupported: [String]?
        /// Ways to authenticate at the token endpoint.
        public var tokenEndpointAuthMethodsSupported: [String]?
        /// Ways to prove possession of a code.
        public var codeChallengeMethodsSupported: [String]?

        /// Creates a value from its fields.
        public init(
            issuer: String? = nil,
            authorizationEndpoint: String? = nil,
            tokenEndpoint: String? = nil,
            keySetURI: String? = nil,
            scopesSupported: [String]? = nil,
            responseTypesSupported: [String]? = nil,
            grantTypesSupported: [String]? = nil,
            tokenEndpointAuthMethodsSupported: [String]? = nil,
            codeChallengeMethodsSupported: [String]? = nil
        ) {
            self.issuer = issuer
            self.authorizationEndpoint = authorizationEndpoint
            self.tokenEndpoint = tokenEndpoint
            self.keySetURI = keySetURI
            self.scopesSupported = scopesSupported
            self.responseTypesSupported = responseTypesSupported
            self.grantTypesSupported = grantTypesSupported
            self.tokenEndpointAuthMethodsSupported = tokenEndpointAuthMethodsSupported
            self.codeChallengeMethodsSupported = codeChallengeMethodsSupported
        }

        private enum CodingKeys: String, CodingKey {
            case issuer
            case authorizationEndpoint = "authorization_endpoint"
            case tokenEndpoint = "token_endpoint"
            case keySetURI = "jwks_uri"
            case scopesSupported = "scopes_supported"
            case responseTypesSupported = "response_types_supported"
            case grantTypesSupported = "grant_types_supported"
            case tokenEndpointAuthMethodsSupported = "token_endpoint_auth_methods_supported"
            case codeChallengeMethodsSupported = "code_challenge_methods_supported"
        }
    }

    /// Why an OAuth request was refused (RFC 6749, 5.2).
    public struct ErrorResponse: Codable, Hashable, Sendable {
        /// The name of the reason, such as `invalid_client`.
        public var error: String?
        /// The reason in words.
        public var errorDescription: String?
        /// A page about it.
        public var errorURI: String?

        /// Creates a value from its fields.
        public init(
            error: String? = nil,
            errorDescription: String? = nil,
            errorURI: String? = nil
        ) {
            self.error = error
            self.errorDescription = errorDescription
            self.errorURI = errorURI
        }

        private enum CodingKeys: String, CodingKey {
            case error
            case errorDescription = "error_description"
            case errorURI = "error_uri"
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

extension WorkspaceConfiguration {
    /// Settings that a program gives instead of the environment.
    ///
    /// Nil and empty values count as not given.
    public struct Arguments: Sendable {
        /// The workspace's address.
        public var host: String?
        /// A personal access token.
        public var token: Secret?
        /// A service principal's client id.
        public var clientID: String?
        /// A service principal's client secret.
        public var clientSecret: Secret?
        /// The method to use, such as `pat` or `oauth-m2m`.
        public var authType: String?
        /// The profile of the configuration file, which alone selects the workspace and the identity: the environment
        /// is ignored for these.
        public var profile: String?
        /// The configuration file, which has to exist.
        public var configFile: String?
        /// The address of the OAuth service's discovery document.
        public var discoveryURL: String?
        /// The workspace's id.
        public var workspaceID: String?
        /// The account's id.
        public var accountID: String?
        /// The group whose role the tokens of client credentials assume.
        public var groupID: String?
        /// The scopes to request for tokens.
        public var scopes: [String]
        /// The audience of another issuer's tokens.
        public var tokenAudience: String?
        /// The file with another issuer's token.
        public var oidcTokenFile: String?
        /// The `databricks` program: a path, or a name that is looked for on `PATH`.
        public var cliPath: String?
        /// The method of a provider that is given to the client; no other credentials are looked for then.
        public var customAuthType: AuthType?
        /// The program that uses this library.
        public var product: Product

        /// Creates arguments; each of them is optional.
        public init(
            host: String? = nil,
            token: Secret? = nil,
            clientID: String? = nil,
            clientSecret: Secret? = nil,
            authType: String? = nil,
            profile: String? = nil,
            configFile: String? = nil,
            discoveryURL: String? = nil,
            workspaceID: String? = nil,
            accountID: String? = nil,
            groupID: String? = nil,
            scopes: [String] = [],
            tokenAudience: String? = nil,
            oidcTokenFile: String? = nil,
            cliPath: String? = nil,
            customAuthType: AuthType? = nil,
            product: Product = .unknown
        ) {
            self.host = host
            self.token = token
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.authType = authType
            self.profile = profile
            self.configFile = configFile
            self.discoveryURL = discoveryURL
            self.workspaceID = workspaceID
            self.accountID = accountID
            self.groupID = groupID
            self.scopes = scopes
            self.tokenAudience = tokenAudience
            self.oidcTokenFile = oidcTokenFile
            self.cliPath = cliPath
            self.customAuthType = customAuthType
            self.product = product
        }
    }
}

extension WorkspaceConfiguration.Arguments {
    /// The argument that sets an attribute.
    func value(for attribute: ConfigurationAttribute) -> Secret? {
        switch attribute {
        case .host: self.host.map { Secret($0) }
        case .accountID: self.accountID.map { Secret($0) }
        case .workspaceID: self.workspaceID.map { Secret($0) }
        case .groupID: self.groupID.map { Secret($0) }
        case .discoveryURL: self.discoveryURL.map { Secret($0) }
        case .scopes: Secret(self.scopes.joined(separator: " "))
        case .tokenAudience: self.tokenAudience.map { Secret($0) }
        case .cliPath: self.cliPath.map { Secret($0) }
        case .authType: self.authType.map { Secret($0) }
        case .token: self.token
        case .clientID: self.clientID.map { Secret($0) }
        case .clientSecret: self.clientSecret
        case .oidcTokenFile: self.oidcTokenFile.map { Secret($0) }
        case .cloud, .authorizationDetails, .oidcTokenVariable, .username, .password, .azureResourceID, .azureClientID,
            .azureClientSecret, .azureTenantID, .azureUseMSI, .googleServiceAccount, .googleCredentials,
            .metadataServiceURL:
            nil
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

/// Where the workspace is and how to prove who one is, with the source of each setting.
///
/// ``resolve(_:environment:readFile:)`` looks, in this order, at what the program gave, the environment, and `~/.databrickscfg`.
/// What an earlier place has set a later one never replaces.
public struct WorkspaceConfiguration: Sendable, Hashable {
    /// The workspace's address, normalised: with a scheme, without path, trailing slash or default port.
    public var host: Setting<String>
    /// The chosen authentication.
    public var authentication: Authentication
    /// The workspace's id, sent with each call when it is known.
    public var workspaceID: Setting<String>?
    /// The account's id.
    public var accountID: Setting<String>?
    /// Where the OAuth service describes itself, when it is not to be asked from the host.
    public var discoveryURL: Setting<String>?
    /// The profile of the configuration file that was used.
    public var profile: String?
    /// The program that uses this library, for the user agent.
    public var product: Product

    /// A configuration from its parts, for programs that need no detection.
    public init(
        host: Setting<String>,
        authentication: Authentication,
        workspaceID: Setting<String>? = nil,
        accountID: Setting<String>? = nil,
        discoveryURL: Setting<String>? = nil,
        profile: String? = nil,
        product: Product = .unknown
    ) {
        self.host = host
        self.authentication = authentication
        self.workspaceID = workspaceID
        self.accountID = accountID
        self.discoveryURL = discoveryURL
        self.profile = profile
        self.product = product
    }

    /// An authentication method and what it needs.
    public enum Authentication: Sendable, Hashable {
        /// A personal access token.
        case personalToken(Setting<Secret>)
        /// The client id and secret of a service principal.
        case clientCredentials(id: Setting<String>, secret: Setting<Secret>)
        /// A provider that is given to the client.
        case custom(AuthType)

        /// The name of the method.
        public var type: AuthType {
            switch self {
            case .personalToken: .personalToken
            case .clientCredentials: .clientCredentials
            case .custom(let type): type
            }
        }
    }

    /// A program's name and version.
    public struct Product: Sendable, Hashable {
        /// Its name; anything but letters, digits, `.`, `_`, `-` and `+` becomes `-`.
        public var name: String
        /// Its version.
        public var version: String

        /// A program's name and version.
        public init(name: String, version: String) {
            self.name = name
            self.version = version
        }

        /// What the other Databricks clients say when they know nothing.
        public static let unknown = Product(name: "unknown", version: "0.0.0")
    }

    /// What a program may say instead of the environment.
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
        /// The method to use: `pat` or `oauth-m2m`.
        public var authType: String?
        /// The profile of the configuration file.
        public var profile: String?
        /// The configuration file.
        public var configFile: String?
        /// Where the OAuth service describes itself.
        public var discoveryURL: String?
        /// The workspace's id.
        public var workspaceID: String?
        /// The account's id.
        public var accountID: String?
        /// The method of a provider that is given to the client; no other credentials are looked for then.
        public var customAuthType: AuthType?
        /// The program that uses this library.
        public var product: Product

        /// Arguments, none of which is needed.
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
            self.customAuthType = customAuthType
            self.product = product
        }
    }
}

extension WorkspaceConfiguration.Authentication: CustomStringConvertible {
    /// The method and where its parts came from, without any secret.
    public var description: String {
        switch self {
        case .personalToken(let token):
            "pat, token from \(token.source)"
        case .clientCredentials(let id, let secret):
            "oauth-m2m, client id \(id.value) from \(id.source), client secret from \(secret.source)"
        case .custom(let type):
            "\(type)"
        }
    }
}

extension WorkspaceConfiguration: CustomStringConvertible {
    /// Host and authentication in one line, without any secret.
    public var description: String { "\(self.host.value) with \(self.authentication)" }
}

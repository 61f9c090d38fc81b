//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The workspace's address and the authentication, with the source of each setting.
///
/// ``resolve(_:environment:readFile:isProgram:)`` looks, in this order, at what the program gave, the environment, and `~/.databrickscfg`.
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
    /// The address of the OAuth service's discovery document, if the host's is not to be used.
    public var discoveryURL: Setting<String>?
    /// The cloud in which the workspace runs: `AWS`, `AZURE` or `GCP`.
    public var cloud: Setting<String>?
    /// The group whose role the tokens of client credentials assume.
    public var groupID: Setting<String>?
    /// The scopes of tokens; `all-apis` by default.
    ///
    /// In the order of the alphabet and without repetition.
    public var scopes: Setting<[String]>?
    /// JSON that restricts the tokens of client credentials (RFC 9396).
    public var authorizationDetails: Setting<String>?
    /// The audience of another issuer's tokens.
    public var tokenAudience: Setting<String>?
    /// The profile of the configuration file that was used.
    public var profile: String?
    /// The configuration file that was used.
    public var configFile: String?
    /// The methods that were tried before the chosen one, in order.
    public var unfitMethods: [UnfitMethod]
    /// The program that uses this library, for the user agent.
    public var product: Product
    /// More parts of the user agent: the calling program, and its surroundings.
    public var userAgentExtras: [String]

    /// Creates a configuration from its parts, for programs that need no detection.
    public init(
        host: Setting<String>,
        authentication: Authentication,
        workspaceID: Setting<String>? = nil,
        accountID: Setting<String>? = nil,
        discoveryURL: Setting<String>? = nil,
        cloud: Setting<String>? = nil,
        groupID: Setting<String>? = nil,
        scopes: Setting<[String]>? = nil,
        authorizationDetails: Setting<String>? = nil,
        tokenAudience: Setting<String>? = nil,
        profile: String? = nil,
        configFile: String? = nil,
        unfitMethods: [UnfitMethod] = [],
        product: Product = .unknown,
        userAgentExtras: [String] = []
    ) {
        self.host = host
        self.authentication = authentication
        self.workspaceID = workspaceID
        self.accountID = accountID
        self.discoveryURL = discoveryURL
        self.cloud = cloud
        self.groupID = groupID
        self.scopes = scopes
        self.authorizationDetails = authorizationDetails
        self.tokenAudience = tokenAudience
        self.profile = profile
        self.configFile = configFile
        self.unfitMethods = unfitMethods
        self.product = product
        self.userAgentExtras = userAgentExtras
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

        /// The product that Databricks clients send when none is known.
        public static let unknown = Product(name: "unknown", version: "0.0.0")
    }
}

extension WorkspaceConfiguration: CustomStringConvertible {
    /// Host and authentication in one line, without any secret.
    public var description: String { "\(self.host.value) with \(self.authentication)" }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import Secrets

extension WorkspaceConfiguration {
    /// An authentication method with its settings.
    public enum Authentication: Sendable, Hashable {
        /// A personal access token.
        case personalToken(Setting<Secret>)
        /// The client id and secret of a service principal.
        case clientCredentials(id: Setting<String>, secret: Setting<Secret>)
        /// Another issuer's token, exchanged for one of the workspace.
        ///
        /// The client id is that of a service principal with a federation policy; without one the account's policy decides.
        case tokenExchange(IdentityToken, clientID: Setting<String>?)
        /// A user's login.
        case userLogin(UserLogin)
        /// A provider that is given to the client.
        case custom(AuthType)

        /// The name of the method.
        public var type: AuthType {
            switch self {
            case .personalToken: .personalToken
            case .clientCredentials: .clientCredentials
            case .tokenExchange(let token, _): token.type
            case .userLogin(let login): login.type
            case .custom(let type): type
            }
        }
    }

    /// The source of another issuer's token.
    public enum IdentityToken: Sendable, Hashable {
        /// A variable of the environment held it when the configuration was made.
        case value(Setting<Secret>)
        /// A file holds it, which is read again for each exchange.
        case file(Setting<String>)
        /// GitHub gives it to a job with the permission `id-token: write`.
        case gitHub(url: Setting<String>, requestToken: Setting<Secret>)

        var type: AuthType {
            switch self {
            case .value: .environmentOIDC
            case .file: .fileOIDC
            case .gitHub: .gitHubOIDC
            }
        }
    }

    /// The places where a user's login is stored.
    public struct UserLogin: Sendable, Hashable {
        /// `databricks-cli` or `external-browser`.
        public var type: AuthType
        /// The token cache in plain text, usually `~/.databricks/token-cache.json`; nil when no home folder is known.
        public var tokenCache: String?
        /// The names under which the cache may have the login: the profile and the host.
        public var cacheKeys: [String]
        /// The `databricks` program, which is run when the cache has no usable login.
        public var program: Setting<String>?
        /// The profile to ask the program for; nil asks by the host.
        public var profile: String?
        /// The configuration file, when it is not the usual one.
        public var configFile: String?

        /// Creates the places of a login.
        public init(
            type: AuthType = .databricksCLI,
            tokenCache: String?,
            cacheKeys: [String],
            program: Setting<String>? = nil,
            profile: String? = nil,
            configFile: String? = nil
        ) {
            self.type = type
            self.tokenCache = tokenCache
            self.cacheKeys = cacheKeys
            self.program = program
            self.profile = profile
            self.configFile = configFile
        }
    }

    /// A method that was skipped, with the reason.
    public struct UnfitMethod: Sendable, Hashable, CustomStringConvertible {
        /// The method.
        public var type: AuthType
        /// The setting that it lacked.
        public var reason: String

        /// Creates a method with its reason.
        public init(type: AuthType, reason: String) {
            self.type = type
            self.reason = reason
        }

        /// The method, and in parentheses what it lacked.
        public var description: String { "\(self.type) (\(self.reason))" }
    }
}

extension WorkspaceConfiguration.Authentication: CustomStringConvertible {
    /// The method and where its parts came from, without any secret.
    public var description: String {
        switch self {
        case .personalToken(let token):
            return "pat, token from \(token.source)"
        case .clientCredentials(let id, let secret):
            return "oauth-m2m, client id \(id.value) from \(id.source), client secret from \(secret.source)"
        case .tokenExchange(let token, let clientID):
            let client = clientID.map { ", client id \($0.value) from \($0.source)" } ?? ", without a client id"
            switch token {
            case .value(let value): return "env-oidc, ID token from \(value.source)\(client)"
            case .file(let file): return "file-oidc, ID token in \(file.value) from \(file.source)\(client)"
            case .gitHub: return "github-oidc, ID token of this GitHub job\(client)"
            }
        case .userLogin(let login):
            let cache = login.tokenCache.map { "the login in \($0)" }
            let program = login.program.map { "the program \($0.value)" }
            let places = [cache, program].compactMap { $0 }.joined(separator: " or ")
            return "\(login.type), by \(places.isEmpty ? "a login that is nowhere" : places)"
        case .custom(let type):
            return "\(type)"
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Secrets

/// Every setting of a configuration with its origin, secrets masked.
public struct ConfigurationDescription: Sendable, Hashable {
    /// One setting.
    public struct Entry: Sendable, Hashable {
        /// Its name, as configuration files write it.
        public var name: String
        /// Its value; for a secret, a mask.
        public var value: String
        /// The source of the value.
        public var source: SettingSource

        /// Creates a setting from its parts.
        public init(name: String, value: String, source: SettingSource) {
            self.name = name
            self.value = value
            self.source = source
        }
    }

    /// The method.
    public var authType: AuthType
    /// The profile that was used.
    public var profile: String?
    /// The configuration file that was used.
    public var configFile: String?
    /// The settings.
    public var entries: [Entry]
    /// The methods that were tried before the chosen one, with the reason why each was skipped.
    public var unfitMethods: [WorkspaceConfiguration.UnfitMethod]

    /// The text shown in place of a secret.
    public static let mask = "********"
}

extension ConfigurationDescription: CustomStringConvertible {
    /// One line a setting: name, value, origin.
    public var description: String {
        self.entries.map { "\($0.name): \($0.value) (from \($0.source))" }.joined(separator: "\n")
    }
}

extension WorkspaceConfiguration {
    /// Lists each setting with its value and its source; secrets are masked.
    public func describe() -> ConfigurationDescription {
        var entries: [ConfigurationDescription.Entry] = []
        func add(_ attribute: ConfigurationAttribute, _ setting: Setting<String>?) {
            guard let setting else { return }
            entries.append(.init(name: attribute.rawValue, value: setting.value, source: setting.source))
        }
        func mask(_ attribute: ConfigurationAttribute, _ setting: Setting<Secret>) {
            let text = ConfigurationDescription.mask
            entries.append(.init(name: attribute.rawValue, value: text, source: setting.source))
        }
        add(.host, self.host)
        add(.workspaceID, self.workspaceID)
        add(.accountID, self.accountID)
        add(.groupID, self.groupID)
        add(.cloud, self.cloud)
        add(.discoveryURL, self.discoveryURL)
        switch self.authentication {
        case .personalToken(let token):
            mask(.token, token)
        case .clientCredentials(let id, let secret):
            add(.clientID, id)
            mask(.clientSecret, secret)
        case .tokenExchange(let token, let clientID):
            add(.clientID, clientID)
            switch token {
            case .value(let value): mask(.oidcTokenVariable, value)
            case .file(let file): add(.oidcTokenFile, file)
            case .gitHub(let url, let requestToken):
                entries.append(.init(name: "id_token_request_url", value: url.value, source: url.source))
                let text = ConfigurationDescription.mask
                entries.append(.init(name: "id_token_request_token", value: text, source: requestToken.source))
            }
        case .userLogin(let login):
            add(.cliPath, login.program)
            if let cache = login.tokenCache {
                entries.append(.init(name: "token_cache", value: cache, source: .standard))
            }
        case .custom: break
        }
        add(.scopes, self.scopes.map { Setting($0.value.joined(separator: " "), from: $0.source) })
        add(.authorizationDetails, self.authorizationDetails)
        add(.tokenAudience, self.tokenAudience)
        return ConfigurationDescription(
            authType: self.authentication.type, profile: self.profile, configFile: self.configFile, entries: entries,
            unfitMethods: self.unfitMethods)
    }
}

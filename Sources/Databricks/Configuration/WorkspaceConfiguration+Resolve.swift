//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Secrets

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension WorkspaceConfiguration {
    /// Finds the configuration.
    ///
    /// Looks at arguments, then the environment, then the configuration file (`DATABRICKS_CONFIG_FILE`, else `~/.databrickscfg`). The file is left alone
    /// when no profile is asked for and a host or credentials are set already. The profile is the one asked for, else `default_profile` of `[__settings__]`,
    /// else `[DEFAULT]` when it has keys. Nothing is inherited between profiles, and empty values count as unset.
    ///
    /// - Parameters:
    ///   - arguments: What the program says.
    ///   - environment: Variables by name; those of the process by default.
    ///   - readFile: Returns the text of a file, nil when there is none, and throws when it cannot be read.
    /// - Throws: One ``DatabricksError`` that lists every problem found, each with its remedy.
    public static func resolve(
        _ arguments: Arguments = .init(),
        environment: [String: String] = ProcessInfo.processInfo.environment,
        readFile: (_ path: String) throws -> String? = Self.contents(ofFile:)
    ) throws(DatabricksError) -> WorkspaceConfiguration {
        var resolver = ConfigurationResolver(arguments: arguments, environment: environment)
        resolver.readConfigurationFile(using: readFile)
        return try resolver.finish()
    }

    /// The text of a file, nil when there is none.
    ///
    /// Files above 1 MiB are refused: no configuration is that large.
    public static func contents(ofFile path: String) throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let data = try Data(contentsOf: URL(filePath: path))
        guard data.count <= 1 << 20, let text = String(bytes: data, encoding: .utf8) else {
            throw DatabricksError(code: .invalidConfiguration, message: "not a text of at most 1 MiB")
        }
        return text
    }
}

/// The steps of a resolution, which gather settings and problems.
struct ConfigurationResolver {
    private let arguments: WorkspaceConfiguration.Arguments
    private let environment: [String: String]
    private var settings: [ConfigurationAttribute: Setting<Secret>] = [:]
    private var profile: String?
    private(set) var problems: [String] = []

    init(arguments: WorkspaceConfiguration.Arguments, environment: [String: String]) {
        self.arguments = arguments
        self.environment = environment
        for attribute in ConfigurationAttribute.allCases {
            if let given = arguments.value(for: attribute), !Self.isBlank(given) {
                self.settings[attribute] = Setting(given, from: .argument)
            } else if let text = self.variable(attribute.environmentName) {
                self.settings[attribute] = Setting(Secret(text), from: .environment(attribute.environmentName))
            }
        }
    }

    // MARK: The file

    mutating func readConfigurationFile(using read: (String) throws -> String?) {
        let asked =
            Self.nonEmpty(self.arguments.profile).map { Setting($0, from: .argument) }
            ?? self.setting("DATABRICKS_CONFIG_PROFILE")
        guard asked != nil || !self.settings.keys.contains(where: \.replacesFile) else { return }
        let file =
            Self.nonEmpty(self.arguments.configFile).map { Setting($0, from: .argument) }
            ?? self.setting("DATABRICKS_CONFIG_FILE")
        guard let path = self.path(of: file) else {
            if let asked {
                self.problems.append(
                    "profile '\(asked.value)' (from \(asked.source)) is asked for, but HOME is not set: set DATABRICKS_CONFIG_FILE"
                )
            }
            return
        }
        let text: String?
        do {
            text = try read(path)
        } catch {
            let reason = (error as? DatabricksError)?.message ?? "it cannot be read"
            self.problems.append("\(path): \(reason); make it readable or set DATABRICKS_CONFIG_FILE")
            return
        }
        guard let text else {
            if let asked {
                self.problems.append(
                    "\(path) does not exist, but profile '\(asked.value)' is asked for (\(asked.source)): create it or unset the profile"
                )
            } else if let file {
                self.problems.append("\(path) does not exist, but \(file.source) names it: create it or name another")
            }
            return
        }
        self.take(ConfigurationFile(text), asked: asked, path: path)
    }

    private mutating func take(_ file: ConfigurationFile, asked: Setting<String>?, path: String) {
        self.problems += file.problems.map { "\(path), \($0)" }
        guard let name = asked?.value ?? file.standardProfile else { return }
        guard let profile = file.profile(name) else {
            let known = file.sections.keys.filter { $0 != ConfigurationFile.settingsSection }.sorted()
            let list = known.isEmpty ? "it has none" : "it has " + known.joined(separator: ", ")
            let source = asked.map { "\($0.source)" } ?? "default_profile in [\(ConfigurationFile.settingsSection)]"
            self.problems.append("\(path) has no profile '\(name)', which \(source) asks for; \(list)")
            return
        }
        self.profile = name
        for attribute in ConfigurationAttribute.allCases where self.settings[attribute] == nil {
            guard let text = Self.nonEmpty(profile[attribute.rawValue]) else { continue }
            self.settings[attribute] = Setting(Secret(text), from: .file(path: path, profile: name))
        }
    }

    private func path(of file: Setting<String>?) -> String? {
        let path = file?.value ?? "~/.databrickscfg"
        guard path == "~" || path.hasPrefix("~/") else { return path }
        return self.variable("HOME").map { $0 + path.dropFirst() }
    }

    // MARK: The result

    mutating func finish() throws(DatabricksError) -> WorkspaceConfiguration {
        let host = self.host()
        let authentication = self.authentication()
        let workspaceID = self.text(.workspaceID)
        if let workspaceID, !workspaceID.value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            self.problems.append("the workspace id '\(workspaceID.value)' (from \(workspaceID.source)) is not a number")
        }
        let discoveryURL = self.text(.discoveryURL)
        if let discoveryURL, !discoveryURL.value.hasPrefix("https://"), !discoveryURL.value.hasPrefix("http://") {
            self.problems.append(
                "the discovery URL (from \(discoveryURL.source)) does not begin with https:// or http://")
        }
        guard self.problems.isEmpty, let host, let authentication else { throw Self.error(self.problems) }
        return WorkspaceConfiguration(
            host: host,
            authentication: authentication,
            workspaceID: workspaceID,
            accountID: self.text(.accountID),
            discoveryURL: discoveryURL,
            profile: self.profile,
            product: self.arguments.product
        )
    }

    private mutating func host() -> Setting<String>? {
        guard let given = self.text(.host) else {
            self.problems.append(
                "no workspace: set DATABRICKS_HOST to its address, or name a profile with DATABRICKS_CONFIG_PROFILE")
            return nil
        }
        guard let host = HostAddress.normalised(given.value) else {
            self.problems.append(
                "the host (from \(given.source)) is not an address such as https://dbc-1234.cloud.databricks.com")
            return nil
        }
        return Setting(host, from: given.source)
    }

    private mutating func authentication() -> WorkspaceConfiguration.Authentication? {
        if let custom = self.arguments.customAuthType { return .custom(custom) }
        if let type = self.text(.authType) {
            switch AuthType(rawValue: type.value) {
            case .personalToken: return self.personalToken(askedBy: type.source)
            case .clientCredentials: return self.clientCredentials()
            default:
                self.problems.append(
                    "the authentication type '\(type.value)' (from \(type.source)) is not supported: use pat or oauth-m2m"
                )
                return nil
            }
        }
        let groups = Set(self.settings.keys.compactMap(\.group)).sorted()
        switch groups.first {
        case nil:
            self.problems.append(
                "no credentials: set DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET, or name a profile with DATABRICKS_CONFIG_PROFILE"
            )
            return nil
        case _? where groups.count > 1:
            let list = groups.map { "\($0.rawValue) (\(self.places(of: $0)))" }.joined(separator: " and ")
            self.problems.append(
                "more than one authentication method is configured: \(list); unset all but one, or choose with DATABRICKS_AUTH_TYPE"
            )
            return nil
        case .personalToken: return self.personalToken(askedBy: nil)
        case .oauth: return self.clientCredentials()
        case .basic?, .azure?, .google?, .metadataService?:
            let list = groups.map { "\($0.rawValue) (\(self.places(of: $0)))" }.joined()
            self.problems.append(
                "authentication by \(list) is not supported: use DATABRICKS_TOKEN, or DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET"
            )
            return nil
        }
    }

    private mutating func personalToken(askedBy source: SettingSource?) -> WorkspaceConfiguration.Authentication? {
        guard let token = self.settings[.token] else {
            let reason = source.map { "\($0) asks for pat, but " } ?? ""
            self.problems.append("\(reason)there is no token: set DATABRICKS_TOKEN")
            return nil
        }
        self.check(token, name: "token")
        return .personalToken(token)
    }

    private mutating func clientCredentials() -> WorkspaceConfiguration.Authentication? {
        let (id, secret) = (self.text(.clientID), self.settings[.clientSecret])
        if id == nil {
            let reason =
                secret.map { "a client secret (from \($0.source)) without a client id" }
                ?? "oauth-m2m without a client id"
            self.problems.append("\(reason): set DATABRICKS_CLIENT_ID")
        }
        if secret == nil {
            let reason =
                id.map { "a client id (from \($0.source)) without a client secret" }
                ?? "oauth-m2m without a client secret"
            self.problems.append("\(reason): set DATABRICKS_CLIENT_SECRET")
        }
        guard let id, let secret else { return nil }
        if id.value.contains(":") { self.problems.append("the client id (from \(id.source)) holds a colon") }
        self.check(Setting(Secret(id.value), from: id.source), name: "client id")
        self.check(secret, name: "client secret")
        return .clientCredentials(id: id, secret: secret)
    }

    /// A value that goes into a header must not be able to end it.
    private mutating func check(_ setting: Setting<Secret>, name: String) {
        let isClean = setting.value.withUnsafeValue { $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
        if !isClean {
            self.problems.append(
                "the \(name) (from \(setting.source)) holds a blank, a line break or another character that none has")
        }
    }

    private func places(of group: AuthGroup) -> String {
        let attributes = ConfigurationAttribute.allCases.filter { $0.group == group }
        return attributes.compactMap { attribute in
            self.settings[attribute].map { "\(attribute.rawValue) from \($0.source)" }
        }.joined(separator: ", ")
    }

    private static func error(_ problems: [String]) -> DatabricksError {
        let text = problems.count == 1 ? problems[0] : "\(problems.count) problems: " + problems.joined(separator: "; ")
        return DatabricksError(code: .invalidConfiguration, message: text, details: problems.map { .string($0) })
    }

    // MARK: Values

    private func text(_ attribute: ConfigurationAttribute) -> Setting<String>? {
        self.settings[attribute].map { Setting($0.value.withUnsafeValue { $0 }, from: $0.source) }
    }

    private func variable(_ name: String) -> String? { Self.nonEmpty(self.environment[name]) }

    private func setting(_ name: String) -> Setting<String>? {
        self.variable(name).map { Setting($0, from: .environment(name)) }
    }

    private static func isBlank(_ value: Secret) -> Bool { value.withUnsafeValue { self.nonEmpty($0) == nil } }

    private static func nonEmpty(_ text: String?) -> String? {
        guard let text, !text.allSatisfy(\.isWhitespace) else { return nil }
        return text
    }
}

extension WorkspaceConfiguration.Arguments {
    fileprivate func value(for attribute: ConfigurationAttribute) -> Secret? {
        switch attribute {
        case .host: self.host.map { Secret($0) }
        case .accountID: self.accountID.map { Secret($0) }
        case .workspaceID: self.workspaceID.map { Secret($0) }
        case .discoveryURL: self.discoveryURL.map { Secret($0) }
        case .authType: self.authType.map { Secret($0) }
        case .token: self.token
        case .clientID: self.clientID.map { Secret($0) }
        case .clientSecret: self.clientSecret
        case .username, .password, .azureResourceID, .azureClientID, .azureClientSecret, .azureTenantID,
            .googleServiceAccount,
            .googleCredentials, .metadataServiceURL:
            nil
        }
    }
}

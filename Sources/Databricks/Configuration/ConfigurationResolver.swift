//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Secrets

/// The steps of a resolution, which gather settings and problems.
struct ConfigurationResolver {
    /// What a resolution may see of the machine.
    struct Files {
        var readFile: (String) throws -> String?
        var isProgram: (String) -> Bool
    }

    let arguments: WorkspaceConfiguration.Arguments
    let environment: [String: String]
    private(set) var settings: [ConfigurationAttribute: Setting<Secret>] = [:]
    private(set) var profile: String?
    /// The file that was read.
    private(set) var configFile: String?
    var problems: [String] = []
    var unfitMethods: [WorkspaceConfiguration.UnfitMethod] = []

    init(arguments: WorkspaceConfiguration.Arguments, environment: [String: String]) {
        self.arguments = arguments
        self.environment = environment
        for attribute in ConfigurationAttribute.allCases {
            if let given = arguments.value(for: attribute), !Self.isBlank(given) {
                self.settings[attribute] = Setting(given, from: .argument)
                continue
            }
            for name in attribute.environmentNames {
                guard let text = self.variable(name) else { continue }
                self.settings[attribute] = Setting(Secret(text), from: .environment(name))
                break
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
        self.configFile = path
        for attribute in ConfigurationAttribute.allCases where self.settings[attribute] == nil {
            guard let text = Self.nonEmpty(profile[attribute.rawValue]) else { continue }
            self.settings[attribute] = Setting(Secret(text), from: .file(path: path, profile: name))
        }
    }

    private func path(of file: Setting<String>?) -> String? { self.inHome(file?.value ?? "~/.databrickscfg") }

    /// The path with the home folder for `~`; nil when none is known.
    func inHome(_ path: String) -> String? {
        guard path == "~" || path.hasPrefix("~/") else { return path }
        return self.variable("HOME").map { $0 + path.dropFirst() }
    }

    // MARK: The result

    mutating func finish(_ files: Files) throws(DatabricksError) -> WorkspaceConfiguration {
        let host = self.host()
        let authentication = self.authentication(host: host, files)
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
            cloud: self.text(.cloud),
            groupID: self.text(.groupID),
            scopes: self.text(.scopes).map { Setting(Self.list($0.value), from: $0.source) },
            authorizationDetails: self.text(.authorizationDetails),
            tokenAudience: self.text(.tokenAudience),
            profile: self.profile,
            configFile: self.configFile,
            unfitMethods: self.unfitMethods,
            product: self.arguments.product,
            userAgentExtras: UserAgent.extras(environment: self.environment)
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

    private static func error(_ problems: [String]) -> DatabricksError {
        let text = problems.count == 1 ? problems[0] : "\(problems.count) problems: " + problems.joined(separator: "; ")
        return DatabricksError(code: .invalidConfiguration, message: text, details: problems.map { .string($0) })
    }

    // MARK: Values

    /// The items of a list with blanks or commas between them, in order and without repetition.
    private static func list(_ text: String) -> [String] {
        Set(text.split { $0 == "," || $0.isWhitespace }.map(String.init)).sorted()
    }

    func text(_ attribute: ConfigurationAttribute) -> Setting<String>? {
        self.settings[attribute].map { Setting($0.value.withUnsafeValue { $0 }, from: $0.source) }
    }

    func variable(_ name: String) -> String? { Self.nonEmpty(self.environment[name]) }

    func setting(_ name: String) -> Setting<String>? {
        self.variable(name).map { Setting($0, from: .environment(name)) }
    }

    private static func isBlank(_ value: Secret) -> Bool { value.withUnsafeValue { self.nonEmpty($0) == nil } }

    private static func nonEmpty(_ text: String?) -> String? {
        guard let text, !text.allSatisfy(\.isWhitespace) else { return nil }
        return text
    }
}

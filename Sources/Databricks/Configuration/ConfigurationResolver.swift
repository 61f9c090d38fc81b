//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
internal import Secrets

/// The steps of a resolution, which gather settings and problems.
struct ConfigurationResolver {
    /// The resolver's access to the machine.
    struct Files {
        var readFile: (String) throws -> String?
        var isProgram: (String) -> Bool
    }

    let arguments: WorkspaceConfiguration.Arguments
    let environment: [String: String]
    private(set) var settings: [ConfigurationAttribute: Setting<Secret>] = [:]
    private(set) var profile: String?
    /// Whether the host equals the profile's own, from whichever source it was read.
    private(set) var isProfilesHost = false
    /// The reason why the environment's workspace settings are ignored.
    private(set) var environmentIsUnused: Unused?
    /// The variables that are ignored for that reason.
    private(set) var unusedVariables: [String] = []
    /// The file that was read.
    private(set) var configFile: String?
    var problems: [String] = []
    var unfitMethods: [WorkspaceConfiguration.UnfitMethod] = []

    /// The reason why the program's settings replace those of the environment as a whole.
    enum Unused {
        /// The program names a profile.
        case profile
        /// The program names another host than the environment.
        case otherHost
    }

    init(arguments: WorkspaceConfiguration.Arguments, environment: [String: String]) {
        self.arguments = arguments
        self.environment = environment
        // A profile that the program names comes before the environment as a whole: half of each would be a third identity.
        if self.isProfileChosen {
            self.environmentIsUnused = .profile
        } else if let host = Self.nonEmpty(arguments.host), let other = self.variable("DATABRICKS_HOST"),
            !HostAddress.areSame(host, other)
        {
            self.environmentIsUnused = .otherHost
            self.unusedVariables +=
                self.variable("DATABRICKS_CONFIG_PROFILE").map { _ in
                    ["DATABRICKS_CONFIG_PROFILE"]
                } ?? []
        }
        for attribute in ConfigurationAttribute.allCases {
            if let given = arguments.value(for: attribute), !Self.isBlank(given) {
                self.settings[attribute] = Setting(given, from: .argument)
                continue
            }
            for name in attribute.environmentNames {
                guard let text = self.variable(name) else { continue }
                if self.environmentIsUnused != nil, attribute.namesWorkspace {
                    self.unusedVariables.append(name)
                    continue
                }
                self.settings[attribute] = Setting(Secret(text), from: .environment(name))
                break
            }
        }
    }

    /// Whether the program names a profile, which then comes before the environment.
    var isProfileChosen: Bool { Self.nonEmpty(self.arguments.profile) != nil }

    // MARK: The file

    mutating func readConfigurationFile(using read: (String) throws -> String?) {
        let asked =
            Self.nonEmpty(self.arguments.profile).map { Setting($0, from: .argument) }
            ?? (self.environmentIsUnused == nil ? self.setting("DATABRICKS_CONFIG_PROFILE") : nil)
        let isNeeded = asked != nil || !self.settings.keys.contains(where: \.replacesFile)
        let named = Self.nonEmpty(self.arguments.configFile).map { Setting($0, from: .argument) }
        // A file that the program names has to be there, whether or not it is needed: it was not named for nothing.
        guard isNeeded || named != nil else { return }
        let file = named ?? self.setting("DATABRICKS_CONFIG_FILE")
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
            self.problems.append("\(path): \(reason); make it readable or name another file")
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
        guard isNeeded else { return }
        self.take(ConfigurationFile(text), asked: asked, path: path)
    }

    private mutating func take(_ file: ConfigurationFile, asked: Setting<String>?, path: String) {
        self.problems += file.problems.map { "\(path), \($0)" }
        guard let name = asked?.value ?? file.standardProfile else { return }
        guard let profile = file.profile(name) else {
            let known = file.profileNames
            let list = known.isEmpty ? "it has none" : "it has " + known.joined(separator: ", ")
            let source = asked.map { "\($0.source)" } ?? "default_profile in [\(ConfigurationFile.settingsSection)]"
            self.problems.append("\(path) has no profile '\(name)', which \(source) asks for; \(list)")
            return
        }
        if self.leavesOutEnvironment(for: profile, asked: asked) { return }
        self.profile = name
        self.configFile = path
        guard self.checkHost(profile, name: name) else { return }
        self.checkDiscovery(profile, name: name)
        for attribute in ConfigurationAttribute.allCases where self.settings[attribute] == nil {
            guard let text = Self.nonEmpty(profile[ExactText(attribute.rawValue)]) else { continue }
            self.settings[attribute] = Setting(Secret(text), from: .file(path: path, profile: name))
        }
    }

    /// Ignores the environment if its profile is for another host than the one that the program names.
    ///
    /// Its credentials are for the profile's host then, whether they are variables or in the profile.
    private mutating func leavesOutEnvironment(for profile: [ExactText: String], asked: Setting<String>?) -> Bool {
        guard asked != nil, !self.isProfileChosen, let host = Self.nonEmpty(self.arguments.host),
            let own = Self.nonEmpty(profile["host"]), !HostAddress.areSame(host, own)
        else { return false }
        self.environmentIsUnused = .otherHost
        self.unusedVariables = ["DATABRICKS_CONFIG_PROFILE"]
        for attribute in ConfigurationAttribute.allCases where attribute.namesWorkspace {
            guard case .environment(let name) = self.settings[attribute]?.source else { continue }
            self.settings[attribute] = nil
            self.unusedVariables.append(name)
        }
        return true
    }

    /// A profile's credentials are for the profile's host, and are not sent to another one; nor are those of a variable that are for
    /// another host.
    ///
    /// The other Databricks clients take each setting by itself from the first place that has it, and send a profile's token to the
    /// host of `DATABRICKS_HOST`.
    ///
    /// - Returns: Whether the profile can be used.
    private mutating func checkHost(_ profile: [ExactText: String], name: String) -> Bool {
        guard let own = Self.nonEmpty(profile["host"]) else { return true }
        guard let given = self.text(.host) else {
            self.isProfilesHost = true
            return true
        }
        guard let host = HostAddress.normalised(given.value) else { return true }
        self.isProfilesHost = HostAddress.areSame(own, given.value)
        if self.isProfilesHost { return true }
        let remedy =
            self.isProfileChosen
            ? "leave one of the two out"
            : "unset DATABRICKS_CONFIG_PROFILE or \(given.source.words), or name the profile by an argument (--profile)"
        self.problems.append("the profile '\(name)' is not for \(host), which \(given.source) names: \(remedy)")
        // With the variables that are there, and not with half of each, the other problems are those of the environment.
        return !self.settings.keys.contains { $0.group != nil }
    }

    /// Nor are they sent to a token service that only a variable names.
    private mutating func checkDiscovery(_ profile: [ExactText: String], name: String) {
        guard let given = self.text(.discoveryURL), case .environment(let variable) = given.source,
            let own = Self.nonEmpty(profile["host"])
        else { return }
        let known = [own, Self.nonEmpty(profile["discovery_url"])].compactMap { $0.flatMap(HostAddress.normalised) }
        let address = HostAddress.normalised(given.value)
        if let address, known.contains(where: { $0.isExactly(address) }) { return }
        self.problems.append(
            "\(variable) names a token service\(address.map { " at \($0)" } ?? ""), which is not in the profile '\(name)': unset it, or set discovery_url in the profile"
        )
    }

    private func path(of file: Setting<String>?) -> String? { self.inHome(file?.value ?? "~/.databrickscfg") }

    /// The path with the home folder for `~`; nil when none is known.
    func inHome(_ path: String) -> String? {
        guard path.isExactly("~") || path.startsExactly(with: "~/") else { return path }
        return self.variable("HOME").map { home in path.droppingExactly(prefix: "~").map { home + $0 } ?? path }
    }

    // MARK: The result

    mutating func finish(_ files: Files) throws(DatabricksError) -> WorkspaceConfiguration {
        let host = self.host()
        let authentication = self.authentication(host: host, files)
        let workspaceID = self.text(.workspaceID)
        if let workspaceID,
            workspaceID.value.isEmpty || !workspaceID.value.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        {
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
                self.profile.map { "the profile '\($0)' has no host: add one\(self.unusedWords)" }
                    ?? "no workspace: set DATABRICKS_HOST to its address, or name a profile with DATABRICKS_CONFIG_PROFILE"
            )
            return nil
        }
        guard let host = HostAddress.normalised(given.value) else {
            self.problems.append(
                "the host (from \(given.source)) is not an address such as https://dbc-1234.cloud.databricks.com")
            return nil
        }
        self.takeWorkspaceID(of: given)
        return Setting(host, from: given.source)
    }

    /// Takes the workspace's id from the host's address, where it has one: `https://host/?o=777`.
    private mutating func takeWorkspaceID(of host: Setting<String>) {
        var first: String?
        for id in HostAddress.workspaceIDs(in: host.value) {
            guard let known = self.text(.workspaceID) else {
                self.settings[.workspaceID] = Setting(Secret(id), from: host.source)
                first = id
                continue
            }
            guard !known.value.isExactly(id) else { continue }
            let words = ErrorParser.clean(String(id.prefix(80)))
            self.problems.append(
                first != nil
                    ? "the host (from \(host.source)) names two workspaces: \(known.value) and \(words)"
                    : "the host (from \(host.source)) belongs to the workspace \(words), but the workspace id is \(known.value) (from \(known.source)): leave one of the two out"
            )
        }
    }

    /// A description of the variables that were ignored.
    var unusedWords: String {
        guard let reason = self.environmentIsUnused, !self.unusedVariables.isEmpty else { return "" }
        let words =
            switch reason {
            case .profile: "a profile is asked for"
            case .otherHost: "they are for another workspace"
            }
        return "; not used, because \(words): \(self.unusedVariables.joined(separator: ", "))"
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

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Databricks

/// Finds settings by name, wherever they are kept.
///
/// The rules about them are ``SettingsResolver``'s. An empty value counts as unset.
struct SettingLookup {
    struct Found {
        /// The value, which may be a secret: it is neither logged nor kept in anything that can be printed.
        var text: String
        var source: LakebaseConfiguration.Source
    }

    /// The value of a setting.
    let find: (LakebaseSetting) -> Found?
    /// The setting's name as the user writes it here.
    let name: (LakebaseSetting) -> String
    /// The variables from which the workspace's configuration is read, under their environment names.
    var workspaceEnvironment: [String: String]
    /// The origins of the workspace's variables that do not come from the environment itself.
    var workspaceSources: [String: LakebaseConfiguration.Source] = [:]
    /// The user's name on this machine.
    var machineUser: String?
    /// Problems found before any setting is read.
    var problems: [LakebaseConfigurationError.Problem] = []

    // MARK: The environment

    /// Looks in variables.
    ///
    /// - Parameter prefix: Put before each name with an underscore. The workspace's variables may go without it.
    init(environment: [String: String], prefix: String?) {
        let environment = environment.filter { !$0.value.isEmpty }
        let start = prefix.map { $0 + "_" } ?? ""
        self.find = { setting in
            let name = start + setting.variable
            return environment[name].map { Found(text: $0, source: .environment(name)) }
        }
        self.name = { start + $0.variable }
        self.machineUser = environment["USER"]
        self.workspaceEnvironment = environment
        if !start.isEmpty {
            self.takeWorkspace { variable in
                let name = start + variable.name
                return environment[name].map { Found(text: $0, source: .environment(name)) }
            }
            if let prefix, !Self.isVariableName(prefix) {
                self.problems.append(
                    .init(
                        setting: "prefix", message: "is \"\(prefix)\"",
                        remedy: "use letters, digits and underscores, such as ORDERS"))
            }
        }
        self.problems += Self.misspelt(environment, start: start)
    }

    private static func isVariableName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 == 95 || isLetterOrDigit($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Variables with this library's prefix and an unknown name: without an error they would be ignored silently.
    private static func misspelt(
        _ environment: [String: String], start: String
    ) -> [LakebaseConfigurationError.Problem] {
        environment.keys.sorted().compactMap { name in
            guard let family = LakebaseSetting.families.first(where: { name.hasPrefix(start + $0) }),
                LakebaseSetting(rawValue: String(name.dropFirst(start.count))) == nil
            else { return nil }
            let known = LakebaseSetting.allCases.filter { $0.variable.hasPrefix(family) }
                .map { start + $0.variable }.joined(separator: ", ")
            return .init(setting: name, message: "is not a setting", remedy: "use one of \(known)")
        }
    }

    // MARK: Elsewhere

    /// Looks for keys such as `lakebase.pool.idleTimeout`.
    ///
    /// - Parameters:
    ///   - prefix: Put before each key with a dot. The workspace's keys may go without it.
    ///   - machine: The environment, for variables that belong to no configuration: `HOME`, `PATH`, `USER`.
    ///   - value: The value of a full key.
    init(
        prefix: String?, machine: [String: String],
        value: @escaping (_ key: String, _ isSecret: Bool) -> Found?
    ) {
        let start = prefix.map { $0 + "." } ?? ""
        self.find = { value(start + $0.key, $0.isSecret) }
        self.name = { start + $0.key }
        self.machineUser = machine["USER"]
        let known = Set(WorkspaceConfiguration.variables.map(\.name))
        self.workspaceEnvironment = machine.filter { !known.contains($0.key) }
        for start in start.isEmpty ? [""] : [start, ""] where self.workspaceSources.isEmpty {
            self.takeWorkspace { value(start + LakebaseSetting.key(ofVariable: $0.name), $0.isSecret) }
        }
        if prefix?.isEmpty == true {
            self.problems.append(
                .init(setting: "prefix", message: "is empty", remedy: "name one, such as orders, or leave it out"))
        }
    }

    /// Takes the workspace's settings as a whole: settings of two workspaces are never mixed.
    private mutating func takeWorkspace(_ find: (WorkspaceConfiguration.Variable) -> Found?) {
        let found = WorkspaceConfiguration.variables.compactMap { variable in
            find(variable).map { (variable.name, $0) }
        }
        guard !found.isEmpty else { return }
        for variable in WorkspaceConfiguration.variables { self.workspaceEnvironment[variable.name] = nil }
        for (name, value) in found {
            self.workspaceEnvironment[name] = value.text
            self.workspaceSources[name] = value.source
        }
    }
}

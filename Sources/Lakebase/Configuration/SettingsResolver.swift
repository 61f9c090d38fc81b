//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import ExactText
import Secrets

/// Resolves the settings to a configuration, and collects every problem.
///
/// The environment and configuration readers share it, so that the order and the messages exist once. A setting that
/// was set and never read is mentioned in the remarks.
struct SettingsResolver {
    let lookup: SettingLookup
    var problems: [LakebaseConfigurationError.Problem]
    var notes: [String] = []
    /// Where the values came from, by the names of the configuration's description.
    var sources: [String: LakebaseConfiguration.Source] = [:]
    /// How long one attempt to connect may take, if a connection string names it.
    var stringConnectTimeout: Duration?
    private var consumed: Set<LakebaseSetting> = []

    static let endpointSettings: [LakebaseSetting] = [.endpoint, .endpointName, .platformEndpointName]
    static let instanceSettings: [LakebaseSetting] = [.instance, .instanceName]

    init(lookup: SettingLookup) {
        self.lookup = lookup
        self.problems = lookup.problems
    }

    /// The configuration.
    ///
    /// - Parameter pool: Limits of the pool that are not set.
    /// - Throws: ``LakebaseConfigurationError`` with every problem there is.
    mutating func resolve(pool: PQPoolConfiguration) throws(LakebaseConfigurationError) -> LakebaseConfiguration {
        var found = self.place()
        // Looked at even when there is no place, so that their problems are reported with the rest.
        var rest =
            found ?? LakebaseConfiguration(target: .postgres(host: "localhost", password: nil), username: "nobody")
        rest.pool = pool
        self.takePool(into: &rest, defaults: pool)
        self.takeSession(into: &rest)
        self.takeTelemetry(into: &rest)
        if rest.usesTokens { self.takeCredential(into: &rest) }
        // A problem that was reported during the look-up is not reported again in other words.
        let checked: Set = ["target", "endpoint", "host"]
        self.problems += rest.problems(hasWorkspace: true).filter { !checked.contains($0.setting) }.map { problem in
            var problem = problem
            problem.setting = self.writtenName(of: problem.setting)
            return problem
        }
        if found != nil { found = rest }
        guard self.problems.isEmpty, var configuration = found else {
            throw LakebaseConfigurationError(problems: self.problems)
        }
        self.noteLeftovers()
        configuration.notes = self.notes
        // The setting that names the database decides its kind.
        let decisive = ["target", "endpoint", "instance", "password", "host"].compactMap { self.sources[$0] }
        self.sources["target"] = decisive.first
        configuration.workspaceSources = self.lookup.workspaceSources
        configuration.setOrigins(self.sources)
        return configuration
    }

    // MARK: Values

    func isSet(_ setting: LakebaseSetting) -> Bool { self.lookup.find(setting) != nil }

    func name(_ setting: LakebaseSetting) -> String { self.lookup.name(setting) }

    /// The value of a setting, nil when it is not set.
    ///
    /// - Parameter field: What it becomes in the configuration's description.
    mutating func text(_ setting: LakebaseSetting, as field: String? = nil) -> String? {
        self.consumed.insert(setting)
        guard let found = self.lookup.find(setting) else { return nil }
        if let field { self.sources[field] = found.source }
        return found.text
    }

    /// The value of the first of `settings` that is set; a problem when two are set and differ.
    mutating func agreed(_ settings: [LakebaseSetting], as field: String) -> String? {
        self.consumed.formUnion(settings)
        let found = settings.compactMap { setting in self.lookup.find(setting).map { (setting: setting, found: $0) } }
        guard let first = found.first else { return nil }
        self.sources[field] = first.found.source
        if let other = found.first(where: { !$0.found.text.isExactly(first.found.text) }) {
            self.report(other.setting, "and \(self.name(first.setting)) name different things", "unset one of them")
        } else if first.setting != settings[0] {
            self.notes.append("taking \(self.name(settings[0])) from \(self.name(first.setting))")
        }
        return first.found.text
    }

    mutating func report(_ setting: LakebaseSetting, _ message: String, _ remedy: String) {
        self.report(self.name(setting), message, remedy)
    }

    mutating func report(_ name: String, _ message: String, _ remedy: String) {
        self.problems.append(.init(setting: name, message: message, remedy: remedy))
    }

    /// The name by which a property was set; the property's own name when it was not set.
    private func writtenName(of property: String) -> String {
        let source = self.sources[property] ?? self.sources["pool.\(property)"]
        return switch source {
        case .environment(let name), .option(let name), .reader(let name, _): name
        case .connectionString, .profile, .host, .program, .standard, nil: property
        }
    }

    private mutating func noteLeftovers() {
        let left = LakebaseSetting.allCases.filter { !self.consumed.contains($0) && self.isSet($0) }
        guard !left.isEmpty else { return }
        let names = left.map { self.name($0) }.joined(separator: ", ")
        let verb = left.count == 1 ? "is" : "are"
        if self.isSet(.databaseURL) {
            self.notes.append(
                "\(self.name(.databaseURL)) is set: it decides alone, and \(names) \(verb) ignored")
        } else {
            self.notes.append("\(names) \(verb) set and ignored, since no credential is minted")
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText

/// The text of a `.databrickscfg`, read into profiles.
///
/// It is an INI file: `[section]`, `key = value` (or `key: value`), comments from `#` or `;` at the start of a line. A profile inherits nothing from
/// `[DEFAULT]`. The section `[__settings__]` is no profile.
struct ConfigurationFile: Sendable {
    /// The section that names the profile to use when none is requested.
    static let settingsSection = "__settings__"
    /// The profile that is used by default.
    static let defaultProfile = "DEFAULT"

    private var sections: [ExactText: [ExactText: String]] = [:]

    /// The lines that could not be read, by number and without their text, which may contain secrets.
    private(set) var problems: [String] = []

    init(_ text: String) {
        var section = ExactText(Self.defaultProfile)
        for (index, line) in ConfigurationLine.lines(of: text).enumerated() {
            switch line.kind {
            case .blank: break
            case .section(let name):
                section = ExactText(name)
                self.sections[section, default: [:]].merge([:]) { $1 }
            case .openSection: self.problems.append("line \(index + 1): '[' without ']'")
            case .setting(let key, let value): self.sections[section, default: [:]][ExactText(key)] = value
            case .unreadable: self.problems.append("line \(index + 1): neither a section nor 'key = value'")
            }
        }
    }

    /// The profile to use when none was requested; nil when there is none.
    var standardProfile: String? {
        let settings = self.sections[ExactText(Self.settingsSection)]
        if let named = settings?["default_profile"], !named.isEmpty { return named }
        let standard = self.sections[ExactText(Self.defaultProfile)]
        return standard.map { $0.isEmpty } == false ? Self.defaultProfile : nil
    }

    /// The names of the profiles, in order.
    var profileNames: [String] {
        self.sections.keys.map(\.text).filter { !$0.isExactly(Self.settingsSection) }.sorted()
    }

    /// The value of a key in a profile; nil when it has none.
    func value(_ key: String, of profile: String) -> String? { self.profile(profile)?[ExactText(key)] }

    /// The keys of a profile; nil when there is no such profile.
    func profile(_ name: String) -> [ExactText: String]? {
        name.isExactly(Self.settingsSection) ? nil : self.sections[ExactText(name)]
    }
}

extension WorkspaceConfiguration {
    /// The names of the profiles in the text of a configuration file, in order.
    package static func profileNames(in text: String) -> [String] { ConfigurationFile(text).profileNames }
}

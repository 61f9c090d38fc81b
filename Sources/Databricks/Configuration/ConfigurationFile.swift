//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The text of a `.databrickscfg`, read into profiles.
///
/// It is an INI file: `[section]`, `key = value` (or `key: value`), comments from `#` or `;` at the start of a line. A profile inherits nothing from
/// `[DEFAULT]`. The section `[__settings__]` is no profile.
struct ConfigurationFile: Sendable {
    /// The section that says which profile is used when none is asked for.
    static let settingsSection = "__settings__"
    /// The profile that is used when nothing says otherwise.
    static let defaultProfile = "DEFAULT"

    private(set) var sections: [String: [String: String]] = [:]

    /// What could not be read, with line numbers and without the lines, which may hold secrets.
    private(set) var problems: [String] = []

    init(_ text: String) {
        var section = Self.defaultProfile
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, raw) in lines.enumerated() {
            let line = Self.trim(raw)
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") || line == "\u{FEFF}" { continue }
            if line.hasPrefix("[") {
                guard let end = line.firstIndex(of: "]") else {
                    self.problems.append("line \(index + 1): '[' without ']'")
                    continue
                }
                section = String(Self.trim(line[line.index(after: line.startIndex)..<end]))
                self.sections[section, default: [:]].merge([:]) { $1 }
            } else if let separator = line.firstIndex(where: { $0 == "=" || $0 == ":" }) {
                let key = Self.trim(line[..<separator]).lowercased()
                self.sections[section, default: [:]][key] = String(Self.trim(line[line.index(after: separator)...]))
            } else {
                self.problems.append("line \(index + 1): neither a section nor 'key = value'")
            }
        }
    }

    /// The profile to use when none was asked for; nil when there is none.
    var standardProfile: String? {
        if let named = self.sections[Self.settingsSection]?["default_profile"], !named.isEmpty { return named }
        return self.sections[Self.defaultProfile].map { $0.isEmpty } == false ? Self.defaultProfile : nil
    }

    /// The keys of a profile; nil when there is no such profile.
    func profile(_ name: String) -> [String: String]? {
        name == Self.settingsSection ? nil : self.sections[name]
    }

    private static func trim(_ text: some StringProtocol) -> Substring {
        var rest = Substring(text)
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest
    }
}

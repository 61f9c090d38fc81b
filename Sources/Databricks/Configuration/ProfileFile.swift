//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import ExactText
internal import Secrets

/// Changes profiles of a `.databrickscfg`, and leaves everything else unchanged: comments, order and line ends.
public struct ProfileFile: Sendable {
    /// The file, which need not exist.
    public let path: String

    /// The file at a path.
    public init(path: String) { self.path = path }

    /// Sets keys of a profile, which is made when there is none.
    ///
    /// The file is replaced in one step and is for its owner only afterwards. Where the path is a link, it stays one,
    /// and the file that it leads to is replaced. The values must not be secrets that belong elsewhere, and hold no
    /// line break.
    ///
    /// - Throws: `invalidConfiguration` when the profile is for another host, or the file cannot be read or written.
    public func set(_ values: [(key: String, value: String)], in profile: String) throws(DatabricksError) {
        let text = try self.text(taking: values, in: profile)
        do {
            try PrivateFile.replace(Self.text(text, with: values, in: profile).utf8, at: self.path)
        } catch {
            throw self.failure("cannot be written: \(error)")
        }
    }

    /// Checks whether keys of a profile can be set, without changing anything.
    ///
    /// - Throws: As ``set(_:in:)``.
    public func check(_ values: [(key: String, value: String)], in profile: String) throws(DatabricksError) {
        let text = try self.text(taking: values, in: profile)
        do {
            try PrivateFile.checkReplaceable(self.path, size: Self.text(text, with: values, in: profile).utf8.count)
        } catch {
            throw self.failure("cannot be written: \(error)")
        }
    }

    /// The text of the file, if it may take the values.
    private func text(
        taking values: [(key: String, value: String)], in profile: String
    ) throws(DatabricksError) -> String {
        let isClean = values.allSatisfy { Self.fits($0.value) }
        guard isClean, !profile.isEmpty, !profile.isExactly(ConfigurationFile.settingsSection), Self.fits(profile),
            !profile.utf8.contains(where: { $0 == UInt8(ascii: "]") || $0 == UInt8(ascii: "[") }),
            ConfigurationLine.trimmed(profile[...]).isExactly(profile)
        else { throw self.failure("cannot have a profile '\(ErrorParser.clean(profile))'") }
        let text: String
        do {
            text = try WorkspaceConfiguration.contents(ofFile: self.path) ?? ""
        } catch {
            throw self.failure("cannot be read: make it readable")
        }
        let known = ConfigurationFile(text)
        func value(_ key: String) -> String? { values.first { $0.key.isExactly(key) }?.value }
        if let host = known.value("host", of: profile).flatMap(HostAddress.normalised), let new = value("host"),
            HostAddress.normalised(new).map({ $0.isExactly(host) }) != true
        {
            throw self.failure("has a profile '\(profile)' for \(host): choose another name with --profile")
        }
        if let id = known.value("workspace_id", of: profile), !id.isEmpty, let new = value("workspace_id"),
            !new.isExactly(id)
        {
            throw self.failure(
                "has a profile '\(profile)' for the workspace \(id): choose another name with --profile")
        }
        return text
    }

    /// Whether a text can stand in one line.
    private static func fits(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    /// The text with keys of a profile set.
    ///
    /// A key that the profile has more than once gets the value everywhere: the last one counts for who reads it.
    static func text(_ text: String, with values: [(key: String, value: String)], in profile: String) -> String {
        let lines = ConfigurationLine.lines(of: text)
        let ending = lines.first { !$0.ending.isEmpty }.map { String($0.ending) } ?? "\n"
        var rest = values
        var result: [(content: String, ending: String)] = []
        var isInProfile = profile.isExactly(ConfigurationFile.defaultProfile)
        var wasFound = false
        /// The last line of the profile, below which new keys go.
        var end = 0
        for line in lines {
            let lineEnding = line.ending.isEmpty ? ending : String(line.ending)
            var content = String(line.content)
            switch line.kind {
            case .section(let name):
                isInProfile = name.isExactly(profile)
                if isInProfile { (wasFound, end) = (true, result.count + 1) }
            case .setting(let key, _) where isInProfile:
                end = result.count + 1
                if let value = values.first(where: { $0.key.isExactly(key) })?.value {
                    content = "\(key) = \(value)"
                    rest.removeAll { $0.key.isExactly(key) }
                }
            case .blank, .openSection, .setting, .unreadable: break
            }
            result.append((content, lineEnding))
        }
        var added = rest.map { ("\($0.key) = \($0.value)", ending) }
        if wasFound {
            result.insert(contentsOf: added, at: end)
        } else if !added.isEmpty {
            added.insert(("[\(profile)]", ending), at: 0)
            if result.last?.content.isEmpty == false { result.append(("", ending)) }
            result += added
        }
        return result.map { $0.content + $0.ending }.joined()
    }

    private func failure(_ words: String) -> DatabricksError {
        DatabricksError(code: .invalidConfiguration, message: "\(self.path) \(words)")
    }
}

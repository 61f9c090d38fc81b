//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Secrets

/// Changes profiles of a `.databrickscfg`, and leaves everything else in it as it is, comments included.
public struct ProfileFile: Sendable {
    /// The file, which need not exist.
    public let path: String

    /// The file at a path.
    public init(path: String) { self.path = path }

    /// Sets keys of a profile, which is made when there is none.
    ///
    /// The file is replaced in one step and is for its owner only afterwards. The values must not be secrets that belong elsewhere, and hold no line break.
    ///
    /// - Throws: `invalidConfiguration` when the profile is for another host, or the file cannot be read or written.
    public func set(_ values: [(key: String, value: String)], in profile: String) throws(DatabricksError) {
        let isClean = values.allSatisfy { !$0.value.contains(where: \.isNewline) }
        guard isClean, !profile.isEmpty, profile != ConfigurationFile.settingsSection,
            !profile.contains(where: { $0.isNewline || $0 == "]" || $0 == "[" })
        else { throw self.failure("cannot have a profile '\(ErrorParser.clean(profile))'") }
        let text: String
        do {
            text = try WorkspaceConfiguration.contents(ofFile: self.path) ?? ""
        } catch {
            throw self.failure("cannot be read: make it readable")
        }
        let known = ConfigurationFile(text).profile(profile)?["host"].flatMap(HostAddress.normalised)
        if let known, let host = values.first(where: { $0.key == "host" })?.value, known != HostAddress.normalised(host)
        {
            throw self.failure("has a profile '\(profile)' for \(known): choose another name with --profile")
        }
        do {
            try PrivateFile.write(Self.text(text, with: values, in: profile).utf8, to: self.path)
        } catch {
            throw self.failure("cannot be written: \(error)")
        }
    }

    /// The text with keys of a profile set.
    static func text(_ text: String, with values: [(key: String, value: String)], in profile: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        var rest = values
        var result: [String] = []
        var section = ConfigurationFile.defaultProfile
        var wasFound = false
        /// The last line of the profile, below which new keys go.
        var end = 0
        for line in lines {
            let bare = line.drop(while: \.isWhitespace)
            if bare.hasPrefix("["), let close = bare.firstIndex(of: "]") {
                section = bare[bare.index(after: bare.startIndex)..<close].drop(while: \.isWhitespace).description
                while section.last?.isWhitespace == true { section.removeLast() }
                if section == profile { (wasFound, end) = (true, result.count + 1) }
            } else if section == profile, let separator = bare.firstIndex(where: { $0 == "=" || $0 == ":" }),
                !bare.hasPrefix("#"), !bare.hasPrefix(";")
            {
                var key = bare[..<separator].lowercased()
                while key.last?.isWhitespace == true { key.removeLast() }
                end = result.count + 1
                if let index = rest.firstIndex(where: { $0.key == key }) {
                    result.append("\(key) = \(rest.remove(at: index).value)")
                    continue
                }
            }
            result.append(line)
        }
        let added = rest.map { "\($0.key) = \($0.value)" }
        if wasFound {
            result.insert(contentsOf: added, at: end)
        } else {
            if result.last?.isEmpty == false { result.append("") }
            result += ["[\(profile)]"] + added
        }
        return result.joined(separator: "\n") + "\n"
    }

    private func failure(_ words: String) -> DatabricksError {
        DatabricksError(code: .invalidConfiguration, message: "\(self.path) \(words)")
    }
}

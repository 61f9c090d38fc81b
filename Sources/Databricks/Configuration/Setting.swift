//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Where a setting came from.
public enum SettingSource: Sendable, Hashable, CustomStringConvertible {
    /// Given by the program.
    case argument
    /// A variable of the environment, by name.
    case environment(String)
    /// A key of a profile in a configuration file.
    case file(path: String, profile: String)
    /// What the host says about itself.
    case host
    /// Worked out or built in.
    case standard

    /// The source in the words of a remedy: a variable by its bare name.
    var words: String {
        switch self {
        case .environment(let name): name
        case .argument, .file, .host, .standard: self.description
        }
    }

    /// Words that finish a sentence: "from ...".
    public var description: String {
        switch self {
        case .argument: "an argument"
        case .environment(let name): "the environment variable \(name)"
        case .file(let path, let profile): "profile \(profile) in \(path)"
        case .host: "the host's own description"
        case .standard: "the default"
        }
    }
}

/// A setting and where it came from.
public struct Setting<Value: Sendable & Hashable>: Sendable, Hashable {
    /// The value.
    public var value: Value
    /// Where it came from.
    public var source: SettingSource

    /// A setting from its parts.
    public init(_ value: Value, from source: SettingSource) {
        self.value = value
        self.source = source
    }
}

extension Setting: CustomStringConvertible {
    /// The value (secrets show as `<redacted>`) and its source.
    public var description: String { "\(self.value) (from \(self.source))" }
}

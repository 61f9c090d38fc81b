//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The source of a setting.
public enum SettingSource: Sendable, Hashable, CustomStringConvertible {
    /// An argument of the program.
    case argument
    /// A variable of the environment, by name.
    case environment(String)
    /// A key of a profile in a configuration file.
    case file(path: String, profile: String)
    /// The host's own metadata.
    case host
    /// Computed or built in.
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
        case .host: "the host's metadata"
        case .standard: "the default"
        }
    }
}

/// A setting with its source.
public struct Setting<Value: Sendable & Hashable>: Sendable, Hashable {
    /// The value.
    public var value: Value
    /// The source of the value.
    public var source: SettingSource

    /// Creates a setting from its parts.
    public init(_ value: Value, from source: SettingSource) {
        self.value = value
        self.source = source
    }
}

extension Setting: CustomStringConvertible {
    /// The value (secrets show as `<redacted>`) and its source.
    public var description: String { "\(self.value) (from \(self.source))" }
}

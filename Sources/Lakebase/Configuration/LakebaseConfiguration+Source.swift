//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import Secrets

extension LakebaseConfiguration {
    /// Where a value came from.
    public enum Source: Sendable, Hashable, CustomStringConvertible {
        /// The program set it.
        case program
        /// An option of a command line, with its hyphens.
        case option(String)
        /// A variable of the environment, by name.
        case environment(String)
        /// A parameter of a connection string, by the name under which that was found.
        case connectionString(String)
        /// A key of a configuration reader, and the provider that had it where that is known.
        case reader(key: String, provider: String?)
        /// A key of a profile in the workspace's configuration file.
        case profile(path: String, name: String)
        /// What the workspace's host says about itself.
        case host
        /// The default.
        case standard

        /// Words that finish a sentence: "from ...".
        public var description: String {
            switch self {
            case .program: "the program"
            case .option(let name): "the option \(name)"
            case .environment(let name): "the environment variable \(name)"
            case .connectionString(let name): "the connection string in \(name)"
            case .reader(let key, nil): "the configuration key \(key)"
            case .reader(let key, let provider?): "the configuration key \(key) in \(provider)"
            case .profile(let path, let name): "profile \(name) in \(path)"
            case .host: "the host's metadata"
            case .standard: "the default"
            }
        }
    }

    /// The value as it was read, to detect later whether it was changed.
    struct Origin: Sendable, Hashable {
        var value: Value
        var source: Source
    }

    /// A value in the form in which it is compared and shown.
    enum Value: Sendable, Hashable {
        case text(String)
        case secret(Secret)
    }
}

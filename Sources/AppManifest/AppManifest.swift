//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// `app.yaml`: how the platform starts an app.
///
/// Facts: the command is a list that no shell reads, in which only `DATABRICKS_APP_PORT` is expanded; a variable has a value or
/// takes it from a resource of the app, by the resource's key (`databricks/cli`, `libs/apps/runlocal/spec.go`, and the
/// documentation of Databricks Apps).
public struct AppManifest: Sendable, Hashable {
    /// The program and its arguments; nil leaves the choice to the platform.
    public var command: [String]?
    /// Variables of the process, in the order of the file.
    public var env: [Variable]

    /// A variable of the process.
    public struct Variable: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Where its value comes from.
        public var source: Source

        /// A variable from its parts.
        public init(_ name: String, _ source: Source) {
            self.name = name
            self.source = source
        }
    }

    /// Where the value of a variable comes from.
    public enum Source: Sendable, Hashable {
        /// The value itself.
        case value(String)
        /// The key of a resource of the app: the path of an endpoint, a secret, an id.
        case valueFrom(String)
    }

    /// A manifest from its parts.
    public init(command: [String]? = nil, env: [Variable] = []) {
        self.command = command
        self.env = env
    }
}

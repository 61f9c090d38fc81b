//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

extension WorkspaceConfiguration {
    /// Finds the configuration.
    ///
    /// Looks at arguments, then the environment, then the configuration file (`DATABRICKS_CONFIG_FILE`, else
    /// `~/.databrickscfg`). A profile that the arguments name comes before the environment, as a whole: of the
    /// variables, only those are then used that select neither the workspace nor the identity, such as
    /// `DATABRICKS_CONFIG_FILE` and `DATABRICKS_CLI_PATH`. The file is not read when no profile is requested and a host
    /// or credentials are set already. The profile is the one asked for, else `default_profile` of `[__settings__]`,
    /// else `[DEFAULT]` when it has keys. Nothing is inherited between profiles, and empty values count as unset.
    ///
    /// Then the method is chosen: that of `auth_type`, else the first of `pat`, `oauth-m2m`, `env-oidc`, `file-oidc`,
    /// `github-oidc` and `databricks-cli` that has what it needs. Settings of two families of methods are an error,
    /// unless `auth_type` is set. No program is started and no call is made.
    ///
    /// - Parameters:
    ///   - arguments: What the program says.
    ///   - environment: Variables by name; those of the process by default.
    ///   - readFile: Returns the text of a file, nil when there is none, and throws when it cannot be read.
    ///   - isProgram: Whether a path is that of a program that can be started.
    /// - Throws: One ``DatabricksError`` that lists every problem found, each with its remedy.
    public static func resolve(
        _ arguments: Arguments = .init(),
        environment: [String: String] = ProcessInfo.processInfo.environment,
        readFile: @escaping (_ path: String) throws -> String? = Self.contents(ofFile:),
        isProgram: @escaping (_ path: String) -> Bool = Self.isProgram(atPath:)
    ) throws(DatabricksError) -> WorkspaceConfiguration {
        var resolver = ConfigurationResolver(arguments: arguments, environment: environment)
        resolver.readConfigurationFile(using: readFile)
        return try resolver.finish(.init(readFile: readFile, isProgram: isProgram))
    }

    /// The text of a file, nil when there is none.
    ///
    /// Files above 1 MiB are refused: no configuration is that large.
    public static func contents(ofFile path: String) throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let data = try Data(contentsOf: URL(filePath: path))
        guard data.count <= 1 << 20, let text = String(validating: data, as: UTF8.self) else {
            throw DatabricksError(code: .invalidConfiguration, message: "not a text of at most 1 MiB")
        }
        return text
    }

    /// Whether a path is that of a file, not a folder, that this process may execute.
    public static func isProgram(atPath path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}

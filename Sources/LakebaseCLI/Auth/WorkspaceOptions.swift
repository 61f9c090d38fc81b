//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import Logging

/// The options that choose the workspace.
///
/// A named profile takes precedence over the environment as a whole. The library decides this, alike for every command.
struct WorkspaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The address of the workspace, such as https://dbc-1234.cloud.databricks.com.", valueName: "address"))
    var host: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The profile of the configuration file, in place of the workspace in the environment.", valueName: "name"),
        completion: ProfileCompletion.kind)
    var profile: String?

    @Option(
        help: ArgumentHelp(
            "The configuration file; default: DATABRICKS_CONFIG_FILE, else ~/.databrickscfg.", valueName: "file"))
    var configFile: String?

    func validate() throws {
        try OptionCheck.values(
            ["--host": self.host, "--profile": self.profile, "--config-file": self.configFile], need: "a value")
    }

    /// The options for the library.
    var arguments: WorkspaceConfiguration.Arguments {
        WorkspaceConfiguration.Arguments(
            host: self.host, profile: self.profile, configFile: self.configFile, product: Self.product)
    }

    /// The name and version that the command sends to services.
    static var product: WorkspaceConfiguration.Product {
        .init(name: "lakebase", version: LakebaseVersion.current)
    }

    /// A client of the workspace.
    ///
    /// - Parameter changes: Whether the command changes something. If so, the workspace is printed first.
    func client(authType: String? = nil, changes: Bool = false) throws -> WorkspaceClient {
        var arguments = self.arguments
        arguments.authType = authType
        let configuration = try WorkspaceConfiguration.resolve(arguments)
        if changes { WorkspaceNotice.tell(configuration) }
        return WorkspaceClient(configuration: configuration, retryPolicy: Self.retryPolicy, logger: Self.logger)
    }

    /// The environment with the options in place of its own workspace.
    func environment(over environment: [String: String]) throws -> [String: String] {
        guard self.host != nil || self.profile != nil || self.configFile != nil else { return environment }
        var (variables, isOther) = try WorkspaceConfiguration.environment(environment, choosing: self.arguments)
        // In another workspace the identity has another name.
        if isOther { variables["PGUSER"] = nil }
        return variables
    }

    /// Logs only errors that do not end the command; the error that ends it is printed once.
    static var logger: Logger {
        var logger = Logger(label: "lakebase", factory: { _ in TerminalLogHandler() })
        logger.logLevel = .error
        return logger
    }

    /// The time limits of calls.
    static let retryPolicy = RetryPolicy(totalLimit: .seconds(30), attemptLimit: .seconds(15))
}

/// Prints on standard error which workspace a command changes, before it does.
enum WorkspaceNotice {
    /// Prints the workspace, the source of that setting, and the identity as far as the configuration names it.
    static func tell(_ configuration: WorkspaceConfiguration) {
        let host = configuration.host
        Terminal.note("lakebase: workspace \(host.value) (from \(host.source)), \(Self.identity(configuration))")
    }

    private static func identity(_ configuration: WorkspaceConfiguration) -> String {
        switch configuration.authentication {
        case .clientCredentials(let id, _), .tokenExchange(_, .some(let id)):
            "as \(id.value) by \(configuration.authentication.type)"
        case .personalToken, .tokenExchange(_, nil), .userLogin, .custom: "by \(configuration.authentication.type)"
        }
    }
}

/// Prints errors that a library logs and that do not end the command, such as a login that could not be stored.
struct TerminalLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .error

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = self.metadata.merging(event.metadata ?? [:]) { $1 }
        let parts = ["databricks.error", "databricks.remedy"].compactMap { facts[$0].map { "\($0)" } }
        Terminal.note((["lakebase: warning: \(event.message)"] + parts).joined(separator: "; "))
    }
}

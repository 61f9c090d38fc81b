//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import Logging

/// The options that say which workspace is meant.
///
/// A profile that is named comes before the environment, as a whole; the library decides it, for every command alike.
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

    /// What the library is told.
    var arguments: WorkspaceConfiguration.Arguments {
        WorkspaceConfiguration.Arguments(
            host: self.host, profile: self.profile, configFile: self.configFile, product: Self.product)
    }

    /// How the command names itself to services.
    static var product: WorkspaceConfiguration.Product {
        .init(name: "lakebase", version: LakebaseVersion.current)
    }

    /// The workspace's client.
    ///
    /// - Parameter changes: Whether something is to be changed there, so that it is said where.
    func client(authType: String? = nil, changes: Bool = false) throws -> WorkspaceClient {
        var arguments = self.arguments
        arguments.authType = authType
        let configuration = try WorkspaceConfiguration.resolve(arguments)
        if changes { WorkspaceNotice.tell(configuration) }
        return WorkspaceClient(configuration: configuration, retryPolicy: Self.retryPolicy, logger: Self.logger)
    }

    /// The environment with what the options say in the place of what it says, for what is found by the environment.
    func environment(over environment: [String: String]) throws -> [String: String] {
        guard self.host != nil || self.profile != nil || self.configFile != nil else { return environment }
        var (variables, isOther) = try WorkspaceConfiguration.environment(environment, choosing: self.arguments)
        // An account of another workspace has another name there.
        if isOther { variables["PGUSER"] = nil }
        return variables
    }

    /// Nothing is logged but what no command ends with: what goes wrong is said once, as the error.
    static var logger: Logger {
        var logger = Logger(label: "lakebase", factory: { _ in TerminalLogHandler() })
        logger.logLevel = .error
        return logger
    }

    /// How long a call may take.
    static let retryPolicy = RetryPolicy(totalLimit: .seconds(30), attemptLimit: .seconds(15))
}

/// Says where something is going to be changed, on standard error, before it is.
enum WorkspaceNotice {
    /// The workspace, where that comes from, and as whom, as far as the configuration says it.
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

/// Shows what a library has to say that is no command's error, such as a login that could not be kept.
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

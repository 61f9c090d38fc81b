//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import Logging

/// The options that say which workspace is meant.
struct WorkspaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The workspace's address, such as https://dbc-1234.cloud.databricks.com.", valueName: "address"))
    var host: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The profile of the configuration file.", valueName: "name"))
    var profile: String?

    @Option(
        help: ArgumentHelp(
            "The configuration file; DATABRICKS_CONFIG_FILE or ~/.databrickscfg when left out.", valueName: "file"))
    var configFile: String?

    /// What the library is told.
    var arguments: WorkspaceConfiguration.Arguments {
        WorkspaceConfiguration.Arguments(
            host: self.host, profile: self.profile, configFile: self.configFile,
            product: .init(name: "lakebase", version: LakebaseCommand.configuration.version))
    }

    /// Nothing is logged: what goes wrong is said once, as the error.
    static var logger: Logger { Logger(label: "lakebase", factory: { _ in SwiftLogNoOpLogHandler() }) }

    /// How long a call may take.
    static let retryPolicy = RetryPolicy(totalLimit: .seconds(30), attemptLimit: .seconds(15))
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// What a client tells metrics, traces and the log, and under which names. Connects to nothing by itself.

import Lakebase
import Logging

func makeClient(logger: Logger) throws -> LakebaseClient {
    // snippet.configuration
    // MetricsSystem.bootstrap(…) and InstrumentationSystem.bootstrap(…) come before.
    var configuration = try LakebaseConfiguration.fromEnvironment()
    configuration.telemetry.poolName = "notes"
    configuration.telemetry.slowStatementThreshold = .milliseconds(500)
    configuration.telemetry.tracesStatements = false
    configuration.telemetry.attributes.serverAddress = nil
    let lakebase = try LakebaseClient(configuration: configuration, logger: logger)
    // snippet.end
    return lakebase
}

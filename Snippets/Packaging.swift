//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// A Swift program as a folder that Databricks Apps can start.

import LakebaseDeploy
import Logging

func package(logger: Logger) async throws {
    // snippet.stage
    let packager = SwiftPackager(logger: logger)
    let app = try await packager.stage(product: "notes", package: ".", into: "build/app")
    print(app.command + ["--port", "$DATABRICKS_APP_PORT"])
    // snippet.end
}

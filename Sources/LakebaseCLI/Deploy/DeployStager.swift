//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseDeploy
import Logging

/// Builds and packs Swift products for deployment.
struct DeployStager: SourceStager {
    let logger: Logger

    func stage(
        _ product: DeploymentApp.SwiftProduct, into folder: String, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [String] {
        let packager = SwiftPackager(logger: self.logger)
        return try await packager.stage(product: product.product, package: product.package, into: folder) {
            progress("\($0)")
        }.command
    }
}

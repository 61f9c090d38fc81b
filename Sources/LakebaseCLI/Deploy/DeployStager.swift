//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseDeploy

/// Builds and packs Swift products for deployment.
struct DeployStager: SourceStager {
    func stage(
        _ product: DeploymentApp.SwiftProduct, into folder: String, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [String] {
        throw DeployError(.invalid, "Swift products cannot be packed yet", remedy: "name a folder as the source")
    }
}

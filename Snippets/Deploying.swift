//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// A deployment from code.

import Databricks
import LakebaseDeploy
import Logging

/// Builds Swift products as the command does.
struct Stager: SourceStager {
    let packager: SwiftPackager

    func stage(
        _ product: DeploymentApp.SwiftProduct, into folder: String, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [String] {
        try await self.packager.stage(product: product.product, package: product.package, into: folder) {
            progress("\($0)")
        }.command
    }
}

func deploy(logger: Logger) async throws {
    let stager = Stager(packager: SwiftPackager(logger: logger))
    // snippet.apply
    let environment = try Deployment.read(file: "deployment.yaml").environment("development")
    let desired = try await DesiredState.of(environment, stager: stager)
    let workspace = WorkspaceClient(configuration: try .resolve(), logger: logger)
    let deployer = Deployer(workspace: workspace, logger: logger)

    let plan = try await deployer.plan(desired)
    for step in plan.steps { print(step.effect, step.title) }
    let report = try await deployer.apply(desired, plan: plan) { event in print(event) }
    print(report.app?.url ?? "no address")
    // snippet.end
}

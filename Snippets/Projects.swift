//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Resources of a workspace made, watched and deleted. Connects to nothing by itself.

import Databricks
import Foundation

func makeBranch(client: WorkspaceClient) async throws -> Postgres.Branch {
    // snippet.create
    let spec = Postgres.BranchSpec(sourceBranch: "projects/shop/branches/production", ttl: .seconds(86_400))
    let creation = try await client.postgres.createBranch(.init(spec: spec), id: "try-out", parent: "projects/shop")
    let branch = try await creation.wait(within: .seconds(120))
    // snippet.end
    return branch
}

func rename(client: WorkspaceClient) async throws {
    // snippet.update
    let change = Postgres.Project(spec: .init(displayName: "The shop"))
    _ = try await client.postgres.updateProject("projects/shop", to: change, mask: ["spec.display_name"]).wait()
    // snippet.end
}

func deploy(client: WorkspaceClient, program: Data) async throws {
    // snippet.deploy
    try await client.workspace.mkdirs("/Workspace/Shared/shop")
    try await client.workspace.upload(program, to: "/Workspace/Shared/shop/server", overwrite: true)
    let deployment = try await client.apps.deploy(.init(sourceCodePath: "/Workspace/Shared/shop"), to: "shop")
    for try await state in deployment.progress() {
        print(state.status?.message ?? "no news")
    }
    _ = try await deployment.wait()
    // snippet.end
}

func sizes(client: WorkspaceClient) async throws {
    // snippet.list
    for try await branch in client.postgres.listBranches(parent: "projects/shop") {
        print(branch.name ?? "?", branch.status?.logicalSizeBytes ?? 0)
    }
    // snippet.end
}

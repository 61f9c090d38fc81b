//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// The workspace's APIs, without a database connection.

// snippet.workspace
import Databricks
import Logging

let client = WorkspaceClient(configuration: try .resolve(), logger: Logger(label: "workspace"))
print("workspace of", try await client.currentUser.me().userName ?? "nobody")
for try await project in client.postgres.listProjects() {
    print(project.name ?? "", project.status?.displayName ?? "")
}
// snippet.end

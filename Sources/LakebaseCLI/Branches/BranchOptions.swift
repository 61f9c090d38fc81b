//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import ExactText
import Foundation
import Lakebase

/// The options that name the project and the workspace.
struct BranchOptions: ParsableArguments {
    @Option(help: ProjectOption.help)
    var project: String?

    @OptionGroup var workspace: WorkspaceOptions

    func validate() throws { try OptionCheck.values(["--project": self.project]) }

    /// A branch by its full name.
    struct Reference: Sendable, Hashable {
        /// `projects/…`.
        var project: String
        var id: String

        var name: String { "\(self.project)/branches/\(self.id)" }
    }

    /// The project's full name.
    var projectName: String {
        get throws {
            guard let project = ProjectOption.fullName(self.project, in: ProcessInfo.processInfo.environment) else {
                throw CommandError(
                    "no project is named: give --project, or set LAKEBASE_ENDPOINT to an endpoint of it; "
                        + "databricks api get /api/2.0/postgres/projects lists the projects")
            }
            return project
        }
    }

    /// A branch by its id or its full name.
    func reference(_ text: String) throws -> Reference {
        var overrides = ConnectionOverrides()
        overrides.project = self.project
        let name = try overrides.branchName(text, ProcessInfo.processInfo.environment)
        let parts = name.splitExactly(at: "/", omittingEmptySubsequences: false)
        return Reference(project: parts.prefix(2).joined(separator: "/"), id: parts.last.map(String.init) ?? "")
    }

    /// Runs a body with the workspace's client.
    ///
    /// - Parameter changes: Whether the body changes something. The workspace is then printed first.
    func run(changes: Bool = false, _ body: (PostgresAPI) async throws -> Void) async throws {
        let client = try self.workspace.client(changes: changes)
        defer { client.shutDown() }
        try await body(client.postgres)
    }
}

extension Postgres.Branch {
    /// The last part of its name.
    var id: String? { self.name?.split(separator: "/").last.map(String.init) }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import Lakebase

/// Which project and workspace is meant.
struct BranchOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The project, by its id or as projects/…; that of the environment's endpoint when left out.",
            valueName: "name"))
    var project: String?

    @OptionGroup var workspace: WorkspaceOptions

    /// A branch by its full name.
    struct Reference: Sendable, Hashable {
        /// `projects/…`.
        var project: String
        var id: String

        var name: String { "\(self.project)/branches/\(self.id)" }
    }

    /// What a command ends with, in words.
    struct Failure: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }

    /// The project's full name.
    var projectName: String {
        get throws {
            if let project { return ConnectionOverrides.projectName(project) }
            if let project = ConnectionOverrides.project(in: ProcessInfo.processInfo.environment) { return project }
            throw Failure(
                "no project is named: give --project, or set LAKEBASE_ENDPOINT to an endpoint of it; "
                    + "databricks api get /api/2.0/postgres/projects lists those there are")
        }
    }

    /// A branch by its id or its full name.
    func reference(_ text: String) throws -> Reference {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 4, parts[0] == "projects", parts[2] == "branches", !parts[1].isEmpty, !parts[3].isEmpty {
            return Reference(project: "projects/\(parts[1])", id: parts[3])
        }
        guard parts.count == 1, !text.isEmpty else {
            throw Failure("\"\(text)\" is not the name of a branch: use its id, or projects/…/branches/…")
        }
        return Reference(project: try self.projectName, id: text)
    }

    /// Runs a body with the workspace's client, and turns errors into words and status 1.
    ///
    /// - Parameter changes: Whether the body changes something, so that it is said where.
    func run(changes: Bool = false, _ body: (PostgresAPI) async throws -> Void) async throws {
        do {
            let client = try self.workspace.client(changes: changes)
            defer { client.shutDown() }
            try await body(client.postgres)
        } catch let exit as ExitCode {
            throw exit
        } catch {
            Terminal.error("\(error)")
            throw ExitCode(1)
        }
    }
}

extension Postgres.Branch {
    /// The last part of its name.
    var id: String? { self.name?.split(separator: "/").last.map(String.init) }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import Lakebase

/// Completes the id of a branch with those of the project that the environment's endpoint is in.
enum BranchCompletion {
    static let kind = CompletionKind.custom { _, _, prefix async in await Self.names(beginningWith: prefix) }

    /// The ids; none when the workspace says nothing within two seconds, for a shell that completes must not hang.
    private static func names(beginningWith prefix: String) async -> [String] {
        let environment = ProcessInfo.processInfo.environment
        guard let project = ConnectionChoice.project(in: environment),
            let configuration = try? WorkspaceConfiguration.resolve(environment: environment)
        else { return [] }
        let policy = RetryPolicy(totalLimit: .seconds(2), attemptLimit: .seconds(2))
        let client = WorkspaceClient(
            configuration: configuration, retryPolicy: policy, logger: WorkspaceOptions.logger)
        defer { client.shutDown() }
        let branches = (try? await client.postgres.listBranches(parent: project).all()) ?? []
        return branches.compactMap(\.id).filter { $0.hasPrefix(prefix) }.sorted()
    }
}

/// Completes the name of a profile.
enum ProfileCompletion {
    static let kind = CompletionKind.custom { _, _, prefix in
        let environment = ProcessInfo.processInfo.environment
        let path = environment["DATABRICKS_CONFIG_FILE"] ?? (environment["HOME"].map { $0 + "/.databrickscfg" } ?? "")
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            let line = line.trimmingCharacters(in: .whitespaces)
            guard line.hasPrefix("["), line.hasSuffix("]") else { return nil }
            let name = String(line.dropFirst().dropLast())
            return name.hasPrefix(prefix) ? name : nil
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import ExactText
import Foundation
import Lakebase

/// Completes the id of a branch with those of the project that the environment's endpoint is in.
enum BranchCompletion {
    static let kind = CompletionKind.custom { words, _, prefix async in
        await Self.names(beginningWith: prefix, profile: Self.profile(in: words))
    }

    /// The ids; none when the workspace says nothing within two seconds, for a shell that completes must not hang.
    private static func names(beginningWith prefix: String, profile: String?) async -> [String] {
        let environment = ProcessInfo.processInfo.environment
        guard let project = ConnectionOverrides.project(in: environment),
            let configuration = try? WorkspaceConfiguration.resolve(.init(profile: profile), environment: environment)
        else { return [] }
        let policy = RetryPolicy(totalLimit: .seconds(2), attemptLimit: .seconds(2))
        let client = WorkspaceClient(
            configuration: configuration, retryPolicy: policy, logger: WorkspaceOptions.logger)
        defer { client.shutDown() }
        let branches = (try? await client.postgres.listBranches(parent: project).all()) ?? []
        return branches.compactMap(\.id).filter { $0.startsExactly(with: prefix) }.sorted()
    }

    /// The profile that the words of a command line name, as the command itself will take it.
    private static func profile(in words: [String]) -> String? {
        for (option, value) in zip(words, words.dropFirst()) where ["--profile", "-p"].contains(option) { return value }
        return words.lazy.compactMap { $0.droppingExactly(prefix: "--profile=").map(String.init) }.first
    }
}

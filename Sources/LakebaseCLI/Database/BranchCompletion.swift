//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import ExactText
import Foundation
import Lakebase

/// Completes the id of a branch with those of the project that the command line or the environment names.
enum BranchCompletion {
    static let kind = CompletionKind.custom { words, _, prefix async in
        await Self.names(beginningWith: prefix, CommandLineWords(words))
    }

    /// The ids; none if the workspace does not answer within two seconds, because completion must not block the shell.
    private static func names(beginningWith prefix: String, _ words: CommandLineWords) async -> [String] {
        let environment = ProcessInfo.processInfo.environment
        let named = words.value(of: "--project").map(ConnectionOverrides.projectName)
        let arguments = WorkspaceConfiguration.Arguments(
            host: words.value(of: "--host"), profile: words.value(of: "--profile", "-p"),
            configFile: words.value(of: "--config-file"), product: WorkspaceOptions.product)
        guard let project = named ?? ConnectionOverrides.project(in: environment),
            let configuration = try? WorkspaceConfiguration.resolve(arguments, environment: environment)
        else { return [] }
        let policy = RetryPolicy(totalLimit: .seconds(2), attemptLimit: .seconds(2))
        let client = WorkspaceClient(
            configuration: configuration, retryPolicy: policy, logger: WorkspaceOptions.logger)
        defer { client.shutDown() }
        let branches = (try? await client.postgres.listBranches(parent: project).all()) ?? []
        return branches.compactMap(\.id).filter { $0.startsExactly(with: prefix) }.sorted()
    }
}

/// The words of a command line that is being completed.
struct CommandLineWords {
    private let words: [String]

    init(_ words: [String]) { self.words = words }

    /// The value of an option under one of its names; nil if the option is not given.
    func value(of names: String...) -> String? {
        for (option, value) in zip(self.words, self.words.dropFirst())
        where names.contains(where: { $0.isExactly(option) }) { return value }
        for word in self.words {
            for name in names where name.utf8.starts(with: "--".utf8) {
                if let value = word.droppingExactly(prefix: name + "=") { return String(value) }
            }
        }
        return nil
    }
}

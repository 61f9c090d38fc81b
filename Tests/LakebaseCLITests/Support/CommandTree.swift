//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Testing

/// The commands of `lakebase` with their options, as the command itself knows them.
struct CommandTree: Decodable {
    struct Name: Decodable {
        var kind: String
        var name: String
    }

    struct Argument: Decodable {
        var kind: String
        var names: [Name]?
        var shouldDisplay: Bool
        var abstract: String?
    }

    struct Command: Decodable {
        var commandName: String
        var abstract: String?
        var discussion: String?
        var subcommands: [Command]?
        var arguments: [Argument]?

        /// The options, with their hyphens.
        var options: Set<String> {
            Set(
                (self.arguments ?? []).flatMap { $0.names ?? [] }.map {
                    ($0.kind == "long" ? "--" : "-") + $0.name
                })
        }
    }

    var command: Command

    /// Asks the command that was built beside the tests.
    static func load() async throws -> CommandTree {
        let run = try await CommandRun.run("lakebase", ["--experimental-dump-help"])
        try #require(run.status == 0, "\(run.errors)")
        return try JSONDecoder().decode(CommandTree.self, from: Data(run.output.utf8))
    }

    /// Every command, those with subcommands among them, by the words that call it.
    var commands: [(words: [String], command: Command)] { Self.commands(self.command, []) }

    private static func commands(_ command: Command, _ words: [String]) -> [(words: [String], command: Command)] {
        [(words, command)]
            + (command.subcommands ?? []).filter { $0.commandName != "help" }.flatMap {
                Self.commands($0, words + [$0.commandName])
            }
    }
}

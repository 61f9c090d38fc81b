//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The `lakebase` command.
@main
struct LakebaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lakebase",
        abstract: "Lakebase for Swift: run it on this machine.",
        discussion: """
            Exit status: 0 when all went well, 1 when something failed, 64 when the command line is wrong; with a command \
            after --, that command's own status, or 128 plus the signal that ended it, 127 if there is no such program and \
            126 if it cannot be run.
            """,
        version: "0.1.0",
        subcommands: [
            DevCommand.self, InitCommand.self, AuthCommand.self, MigrateCommand.self, RolesCommand.self,
            GrantsCommand.self, DeployCommand.self,
        ]
    )

    static func main() async {
        InheritedDescriptors.secureStandardStreams()
        // A reader that goes away must not end us before PostgreSQL is stopped; writing to it fails instead.
        signal(SIGPIPE, SIG_IGN)
        await self.main(nil)
    }
}

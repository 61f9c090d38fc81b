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
        abstract: "Lakebase: deploy to it, operate it, and run all of it on this machine.",
        discussion: """
            Exit status: 0 when all went well, 1 when something failed or standard output could not be written, 64 when the command line is wrong; with a command \
            after --, that command's own status, or 128 plus the signal that ended it, 127 if there is no such program and \
            126 if it cannot be run.
            """,
        version: LakebaseVersion.current,
        subcommands: [
            InitCommand.self, DevCommand.self, DeployCommand.self, MigrateCommand.self, GrantsCommand.self,
            RolesCommand.self, PsqlCommand.self, QueryCommand.self, EnvCommand.self, DatabaseTokenCommand.self,
            BranchesCommand.self, DoctorCommand.self, AuthCommand.self,
        ]
    )

    static func main() async {
        InheritedDescriptors.secureStandardStreams()
        _ = SignalDisposition.ignoredAtStart
        // A reader that goes away must not end us before PostgreSQL is stopped; writing to it fails instead.
        SignalDisposition.ignore(SIGPIPE)
        do {
            var command = try await self.asyncParseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard Self.exitCode(for: error).isSuccess else { Self.exit(withError: error) }
            // Help, the version, or a script for a shell.
            let text = Self.fullMessage(for: error)
            if !text.isEmpty { Terminal.output(text) }
        }
        Self.exit(withError: ExitCode(Terminal.exitStatus))
    }
}

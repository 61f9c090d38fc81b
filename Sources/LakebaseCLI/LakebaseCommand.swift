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
        abstract: "Deploy to Databricks Lakebase, operate it, and run it on this machine.",
        discussion: """
            Exit status: 0 on success, 1 on failure or when standard output cannot be written, 64 when the command \
            line is wrong. With a command after --, the exit status is that command's: its own, 128 plus the number \
            of the signal that ended it, 127 if there is no such program, or 126 if the program cannot be executed.
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
        // A reader that goes away must not end us before PostgreSQL is stopped; writing to it fails instead.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try await self.asyncParseAsRoot()
            do {
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            } catch {
                throw ErrorReport.end(with: error)
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

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Lakebase
import Secrets
import UnixSignals

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// `lakebase psql`.
struct PsqlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "psql",
        abstract: "Run psql with a newly minted password.",
        usage: "lakebase psql [<options>] [<psql's own arguments> ...]",
        discussion: """
            Logs in once itself first: this wakes a suspended compute, retries once with a new token if the token is \
            rejected, and reports what is wrong. Then starts psql with all arguments from the first that is none of \
            the options below; use -- before an argument that looks like one of them.

            psql gets the server from PGHOST, PGPORT, PGDATABASE, PGUSER, PGSSLMODE and so on, and the token from a \
            password file (PGPASSFILE) that is valid for that host only, is readable only by its owner, and is \
            deleted when psql ends. While psql runs the file is kept current, so that \\c can log in again after an \
            hour. psql 14 or later is required. The certificate and the name of a server that gets a token are \
            always verified. If arguments such as -h make psql connect elsewhere, that server does not get the \
            token.

            EXAMPLES
              lakebase psql
              lakebase psql --branch preview -c 'SELECT count(*) FROM notes'
              lakebase psql -v ON_ERROR_STOP=1 --single-transaction -f schema.sql

            Ctrl-C goes to psql and cancels the query.

            Exit status: that of psql (3 if a script failed with ON_ERROR_STOP), or 128 plus the number of the \
            signal that ended it; 1 if the login failed and psql was not started; 127 if psql is not installed; 64 \
            when the command line is wrong.
            """,
        helpNames: .long
    )

    @OptionGroup var connection: ConnectionOptions

    @Argument(
        parsing: .captureForPassthrough, help: ArgumentHelp("Arguments for psql.", valueName: "psql's own arguments"))
    var arguments: [String] = []

    func run() async throws {
        // What is handed on unread comes with our own question for help, too.
        if self.arguments.first == "--help" { throw CleanExit.helpRequest(Self.self) }
        // Before anything is woken.
        guard ForegroundCommand.isInstalled("psql") else {
            throw CommandError(
                "psql is not installed, or not in a folder of PATH: apt-get install postgresql-client, or brew install libpq",
                status: 127)
        }
        try await self.connection.database.withConfiguration { configuration in
            let credentials = try await configuration.checkedCredentials()
            let status = try await PsqlRun(credentials: credentials, arguments: self.psqlArguments).run()
            guard status == 0 else { throw ExitCode(status) }
        }
    }

    /// Without the `--` that ended ours.
    private var psqlArguments: [String] {
        self.arguments.first == "--" ? Array(self.arguments.dropFirst()) : self.arguments
    }
}

/// One run of psql.
private struct PsqlRun {
    let credentials: LakebaseCredentials
    let arguments: [String]

    /// Runs it to its end; returns its exit status.
    func run() async throws -> Int32 {
        let parameters = try await self.credentials.driverParameters()
        var variables = parameters.variables
        // As this library logs in: no detour by way of Kerberos.
        variables.append(("PGGSSENCMODE", "disable"))
        // On a terminal Ctrl-C reaches psql directly. Otherwise the sender of a signal knows this process only.
        let isOnTerminal = ForegroundCommand.isOnTerminal
        let signals = await UnixSignalsSequence(
            trapping: isOnTerminal ? [.sigterm, .sighup] : [.sigint, .sigterm, .sighup])
        if isOnTerminal { ForegroundCommand.leaveInterruptsToCommand() }
        guard let password = try await self.credentials.current().password else {
            let psql = try self.start(variables)
            return await Self.wait(for: psql, signals) {}
        }
        let file = try PasswordFile()
        defer { file.remove() }
        try file.write(password, for: parameters)
        variables.append(("PGPASSFILE", file.path))
        let psql = try self.start(variables)
        return await Self.wait(for: psql, signals) {
            for await credential in self.credentials.rotations {
                // A file that cannot be replaced has the old token, which is good for the session that is open.
                if let password = credential.password { try? file.write(password, for: parameters) }
            }
        }
    }

    private func start(_ variables: [(name: String, value: String)]) throws -> ForegroundCommand {
        try ForegroundCommand.start(
            ["psql"] + self.arguments, settings: CommandEnvironment.entries(addingLogin: variables))
    }

    private static func wait(
        for psql: ForegroundCommand, _ signals: UnixSignalsSequence, meanwhile: @Sendable @escaping () async -> Void
    ) async -> Int32 {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await signal in signals { psql.send(signal.rawValue) } }
            group.addTask { await meanwhile() }
            let status = await psql.wait()
            group.cancelAll()
            return status
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import ArgumentParser
import Foundation
public import LakebaseLocal
public import Logging
import ServiceLifecycle

/// `lakebase dev`: Lakebase on this machine.
struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run Lakebase on this machine: real PostgreSQL, logins with tokens, the workspace's APIs.",
        discussion: """
            Starts a workspace on a loopback address, with one project: projects/local, its branch production, the \
            endpoint primary and the database databricks_postgres. PostgreSQL starts at the first login and stops when \
            idle. Two identities exist: a developer, who owns the database, and an app's service principal.

            EXAMPLES
              Until Ctrl-C, with a folder that goes away at the end:
                lakebase dev
              Keep the data for the next run, write the environment to a file:
                lakebase dev --data .lakebase --env-file .env
              Run a server with the app's environment, end when it ends:
                lakebase dev --as app -- ./server
              The same with tokens that end and a database that sleeps soon:
                lakebase dev --token-lifetime 30s --suspend-after 10s --as app -- ./server
              An https:// address for the workspace and its apps, for programs that force it:
                lakebase dev --https -- python job.py
              The environment as JSON, with its secrets, then until Ctrl-C:
                lakebase dev --json | jq .environment

            The environment: DATABRICKS_HOST; DATABRICKS_TOKEN for the developer, DATABRICKS_CLIENT_ID and \
            DATABRICKS_CLIENT_SECRET for the app; PGHOST, PGPORT, PGDATABASE, PGUSER, PGSSLMODE, PGSSLROOTCERT, \
            PGAPPNAME; LAKEBASE_ENDPOINT; NODE_EXTRA_CA_CERTS, with what that has here. There is no \
            PGPASSWORD: a program mints its own, as it does on Databricks. With --https also SSL_CERT_FILE and \
            REQUESTS_CA_BUNDLE (and CURL_CA_BUNDLE, if it is set here): files with the local authority and what programs \
            trust otherwise. Elsewhere, as for --profile, a command finds it with SSL_CERT_FILE=DIR/ca-bundle.pem, where \
            DIR is the folder of --data.

            The command after -- gets the environment of the shell, without the variables that would lead it elsewhere: \
            DATABRICKS_… but DATABRICKS_APP_… and DATABRICKS_CONFIG_FILE, LAKEBASE_… but LAKEBASE_SCHEMA, DATABASE_URL, \
            ENDPOINT_NAME, and those that tell libpq where and how to log in, such as PGPASSWORD and PGSERVICE.

            LOGIN BY BROWSER
              The page of lakebase auth login asks for a code that only you can read: it appears here when the page opens, and \
            is in secrets/login-code of the data folder, which the page names. A code is good for one login.

            ENDING
              Ctrl-C, SIGTERM and SIGHUP stop everything; a second one while it stops changes nothing.
              With a command on a terminal, Ctrl-C is the command's; this one ends when the command does. A signal that comes \
            before the command runs ends this one with status 128 plus its number: 130 for Ctrl-C.
              Under nohup, SIGHUP has no effect on either.
              With --json, the reader may go away once it has the line; this one goes on running.

            EXIT STATUS
              0 when it was stopped, 1 when something failed, 64 when the command line is wrong. With a command, that \
            command's own; 128 plus the number of the signal that ended it; 127 if there is no such program, 126 if it \
            cannot be run.
            """,
        subcommands: [StatusCommand.self, LogsCommand.self, ExtensionsCommand.self]
    )

    @Option(help: ArgumentHelp("Keep everything in this folder between runs.", valueName: "dir"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "Where the workspace's HTTP service listens; port 0 takes a free one.", valueName: "host:port"))
    var listen = ListenAddress(host: "127.0.0.1", port: 0)

    @Flag(
        help: """
            Give out https:// addresses for the workspace and its apps, with a certificate of the local authority. The same \
            ports still answer http://.
            """)
    var https = false

    @Option(help: ArgumentHelp("How long a database token lives: 30s, 5m, 1h.", valueName: "time"))
    var tokenLifetime = DurationArgument(.seconds(3600))

    @Option(help: ArgumentHelp("After how much idleness the endpoint sleeps.", valueName: "time"))
    var suspendAfter = DurationArgument(.seconds(300))

    @Option(help: ArgumentHelp("An extra delay for waking up, to imitate the service.", valueName: "time"))
    var wakeDelay = DurationArgument(.zero)

    @Option(
        help: ArgumentHelp("How long operations of the APIs take at least, to imitate the service.", valueName: "time"))
    var operationDelay = DurationArgument(.milliseconds(50))

    @Option(
        help: ArgumentHelp(
            "How long an app may take until it listens, and what it needs until it is installed: 10m unless LAKEBASE_APP_START_LIMIT says otherwise.",
            valueName: "time"))
    var appStartLimit: DurationArgument?

    @Option(name: .customLong("as"), help: "Whose environment is given out: app or developer.")
    var identity: LocalLakebase.Identity = .developer

    @Flag(help: "Let a token open only the endpoint it was minted for, which is stricter than the service.")
    var strictEndpoints = false

    @Flag(
        help: """
            Approve logins by browser as the developer's at once, without a code. Each user and program of this machine can then be \
            the developer; refused with --listen beyond this machine.
            """)
    var approveLogins = false

    @Option(
        help: ArgumentHelp(
            "Take tokens of other issuers by the federation policies in this file, as JSON in the service's form.",
            valueName: "file"))
    var federation: String?

    @Option(
        help: ArgumentHelp(
            "A folder with postgres and initdb; given more than once, a project gets the version that it asks for. Left out, the ones installed are found.",
            valueName: "dir"))
    var postgres: [String] = []

    @Option(
        help: ArgumentHelp(
            "Write the environment to this file once ready, as NAME=value lines, secrets included; a value is quoted, as a shell would have it, only if it has to be.",
            valueName: "file"))
    var envFile: String?

    @Flag(help: "Print one line of JSON once ready, secrets included, and nothing else to standard output.")
    var json = false

    @Option(help: "How much is logged to standard error.")
    var logLevel: Logger.Level = .warning

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp(
            "A command to run with that environment; its exit status becomes this one's.", valueName: "command"))
    var command: [String] = []

    func validate() throws {
        func check(_ option: String, _ value: DurationArgument, _ range: ClosedRange<Duration>, _ words: String) throws
        {
            guard range.contains(value.duration) else {
                throw ValidationError("\(option) \(value.defaultValueDescription) cannot work; choose \(words)")
            }
        }
        try check("--token-lifetime", self.tokenLifetime, .seconds(1) ... .seconds(86_400), "1s to 24h")
        try check("--suspend-after", self.suspendAfter, .milliseconds(10) ... .seconds(604_800), "10ms to 168h")
        try check("--wake-delay", self.wakeDelay, .zero ... .seconds(3600), "0 to 1h")
        if let startLimit {
            let name = self.appStartLimit == nil ? Self.startLimitVariable : "--app-start-limit"
            try check(name, startLimit, .seconds(1) ... .seconds(86_400), "1s to 24h")
        }
        if self.data?.isEmpty == true { throw ValidationError("--data needs the name of a folder") }
    }

    func run() async throws {
        var logger = Logger(label: "lakebase", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = self.logLevel
        LocalLakebase.raiseOpenFileLimit()
        do {
            if let envFile { try EnvironmentFile.check(envFile) }
            let lakebase = try LocalLakebase(configuration: try self.localConfiguration(), logger: logger)
            let session = DevSession(
                lakebase: lakebase, identity: self.identity, report: self.report, envFile: self.envFile,
                command: self.command, isTemporary: self.data == nil)
            try await session.run(logger: logger)
            throw ExitCode(session.exitStatus)
        } catch let exit as ExitCode {
            throw exit
        } catch let failure as CommandFailure {
            Terminal.error("\(failure)")
            throw ExitCode(failure.exitStatus)
        } catch {
            Terminal.error("\(error)")
            throw ExitCode(1)
        }
    }

    private static let startLimitVariable = "LAKEBASE_APP_START_LIMIT"

    /// The limit of the option, else of the environment.
    private var startLimit: DurationArgument? {
        if let appStartLimit { return appStartLimit }
        let text = ProcessInfo.processInfo.environment[Self.startLimitVariable] ?? ""
        return text.isEmpty ? nil : DurationArgument(argument: text) ?? DurationArgument(.zero)
    }

    private var report: DevReport { self.json ? .json : self.command.isEmpty ? .people : .brief }

    private func localConfiguration() throws -> LocalLakebaseConfiguration {
        var configuration = LocalLakebaseConfiguration(
            dataDirectory: self.data, listenHost: self.listen.host, listenPort: self.listen.port,
            tokenLifetime: self.tokenLifetime.duration, suspendAfter: self.suspendAfter.duration,
            wakeDelay: self.wakeDelay.duration, operationDelay: self.operationDelay.duration,
            strictEndpoints: self.strictEndpoints, approvesLogins: self.approveLogins,
            federationPolicies: try self.federation.map { try FederationFile.policies(at: $0) } ?? [],
            postgresDirectories: self.postgres, https: self.https)
        if let startLimit { configuration.appStartLimit = startLimit.duration }
        configuration.announceLogin = LoginPrompt.show
        return configuration
    }
}

extension LocalLakebase.Identity: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}

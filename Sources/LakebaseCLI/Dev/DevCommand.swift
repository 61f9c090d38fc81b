//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import ArgumentParser
import Foundation
public import LakebaseLocal
public import Logging
import ServiceLifecycle

/// `lakebase dev`.
struct DevCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run Lakebase on this machine: PostgreSQL, logins with tokens, and the APIs of a workspace.",
        discussion: """
            Starts a workspace on a loopback address, with one project: projects/local, its branch production, the \
            endpoint primary and the database databricks_postgres. PostgreSQL starts at the first login and stops \
            when idle. There are two identities: a developer, who owns the database, and the service principal of an \
            app.

            EXAMPLES
              Run until Ctrl-C in a temporary folder:
                lakebase dev
              Keep the data for the next run, and write the environment to a file:
                lakebase dev --data .lakebase --env-file .env
              Run a server with the environment of an app, and end when it ends:
                lakebase dev --as app -- ./server
              The same with tokens that expire and a compute that suspends soon:
                lakebase dev --token-lifetime 30s --suspend-after 10s --as app -- ./server
              Use https:// addresses for the workspace and its apps, for programs that accept no others:
                lakebase dev --https -- python job.py
              Print the environment as JSON, with its secrets, and run until Ctrl-C:
                lakebase dev --json | jq .environment

            The environment: DATABRICKS_HOST; DATABRICKS_TOKEN for the developer, DATABRICKS_CLIENT_ID and \
            DATABRICKS_CLIENT_SECRET for the app; PGHOST, PGPORT, PGDATABASE, PGUSER, PGSSLMODE, PGSSLROOTCERT, \
            PGAPPNAME; LAKEBASE_ENDPOINT; NODE_EXTRA_CA_CERTS, with the certificates that the variable names here. \
            There is no PGPASSWORD: a program mints its own password, as on Databricks. With --https also \
            SSL_CERT_FILE and REQUESTS_CA_BUNDLE (and CURL_CA_BUNDLE, if it is set here): files with the local \
            authority and the certificates that are trusted otherwise. A command outside this environment, for \
            example with --profile, needs SSL_CERT_FILE=DIR/ca-bundle.pem, where DIR is the folder of --data.

            The command after -- gets the environment of the shell without the variables that would lead it to \
            another database or workspace: DATABRICKS_… except DATABRICKS_APP_… and DATABRICKS_CONFIG_FILE, \
            LAKEBASE_… except LAKEBASE_SCHEMA, DATABASE_URL, ENDPOINT_NAME, and those from which libpq takes a \
            server or a login, such as PGPASSWORD and PGSERVICE.

            LOGIN IN THE BROWSER
              The page of lakebase auth login asks for a code. The code is printed here when the page opens, and is in secrets/login-code of the data folder, which the page names. A code is accepted once.

            SIGNALS
              Ctrl-C, SIGTERM and SIGHUP stop everything; another one while it stops has no effect.
              With a command on a terminal, Ctrl-C goes to the command, and lakebase dev ends when the command does. Before the command runs, Ctrl-C ends lakebase dev with status 130.
              With --json, the reader may close the pipe after it has read the line; lakebase dev keeps running.

            EXIT STATUS
              0 after it was stopped, 1 on failure, 64 when the command line is wrong. With a command, that \
            command's exit status; 128 plus the number of the signal that ended it; 127 if there is no such program, \
            126 if it cannot be executed.
            """,
        subcommands: [StatusCommand.self, LogsCommand.self, ExtensionsCommand.self]
    )

    @Option(help: ArgumentHelp("Keep all data in this folder between runs.", valueName: "dir"))
    var data: String?

    @Option(
        help: ArgumentHelp(
            "The address of the workspace's HTTP service; port 0 takes a free port.", valueName: "host:port"))
    var listen = ListenAddress(host: "127.0.0.1", port: 0)

    @Flag(
        help: """
            Use https:// addresses for the workspace and its apps, with a certificate of the local authority. The same \
            ports still answer http://.
            """)
    var https = false

    @Option(help: ArgumentHelp("The lifetime of a database token: 30s, 5m, 1h.", valueName: "time"))
    var tokenLifetime = DurationArgument(.seconds(3600))

    @Option(help: ArgumentHelp("Suspend the compute after this idle time.", valueName: "time"))
    var suspendAfter = DurationArgument(.seconds(300))

    @Option(help: ArgumentHelp("An extra delay when the compute wakes, to imitate the service.", valueName: "time"))
    var wakeDelay = DurationArgument(.zero)

    @Option(
        help: ArgumentHelp(
            "The shortest time that operations of the APIs take, to imitate the service.", valueName: "time"))
    var operationDelay = DurationArgument(.milliseconds(50))

    @Option(
        help: ArgumentHelp(
            "The longest time until an app listens, and until its packages are installed; default: LAKEBASE_APP_START_LIMIT, else 10m.",
            valueName: "time"))
    var appStartLimit: DurationArgument?

    @Option(name: .customLong("as"), help: "The identity whose environment is used: app or developer.")
    var identity: LocalLakebase.Identity = .developer

    @Flag(help: "Accept a token only at the endpoint it was minted for, which is stricter than the service.")
    var strictEndpoints = false

    @Flag(
        help: """
            Approve each login in the browser as the developer, without a code. Every user and program of this machine can \
            then log in as the developer; refused if --listen is not a loopback address.
            """)
    var approveLogins = false

    @Option(
        help: ArgumentHelp(
            "Accept tokens of other issuers by the federation policies in this file, as JSON in the format of the service.",
            valueName: "file"))
    var federation: String?

    @Option(
        help: ArgumentHelp(
            "A folder with postgres and initdb; repeat it for several versions, of which a project gets the one it requests. Default: the installed versions.",
            valueName: "dir"))
    var postgres: [String] = []

    @Option(
        help: ArgumentHelp(
            "Write the environment to this file when ready, as NAME=value lines with its secrets; values are quoted for a shell only where necessary.",
            valueName: "file"))
    var envFile: String?

    @Flag(
        help:
            "Print one line of JSON with the environment and its secrets when ready, and nothing else, to standard output."
    )
    var json = false

    @Option(help: "The lowest level of log messages on standard error.")
    var logLevel: Logger.Level = .warning

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp(
            "A command to run with the environment; its exit status becomes that of lakebase dev.", valueName: "command"
        ))
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
        if let envFile { try EnvironmentFile.check(envFile) }
        let lakebase = try LocalLakebase(configuration: try self.localConfiguration(), logger: logger)
        let session = DevSession(
            lakebase: lakebase, identity: self.identity, report: self.report, envFile: self.envFile,
            command: self.command, isTemporary: self.data == nil)
        try await session.run(logger: logger)
        throw ExitCode(session.exitStatus)
    }

    private static let startLimitVariable = "LAKEBASE_APP_START_LIMIT"

    /// The limit that the option sets, else the environment.
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

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import ArgumentParser
import Foundation
import Hummingbird
import Lakebase
public import Logging
import NIOCore

/// The Notes app: a page of notes that live in Lakebase.
@main
struct NotesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notes",
        abstract: "A page of notes that live in Lakebase.",
        discussion: """
            Finds its database in the environment, as on Databricks Apps: DATABRICKS_HOST, DATABRICKS_CLIENT_ID, \
            DATABRICKS_CLIENT_SECRET, PGHOST, LAKEBASE_ENDPOINT and so on. On this machine: lakebase dev --as app -- notes
            """
    )

    @Option(help: "The address to listen on; 127.0.0.1, or 0.0.0.0 where DATABRICKS_APP_PORT is set.")
    var host = Self.platformPort == nil ? "127.0.0.1" : "0.0.0.0"

    @Option(help: "The port; 0 takes a free one; $DATABRICKS_APP_PORT where it is set.")
    var port = Self.platformPort ?? 8080

    @Flag(
        inversion: .prefixedNo,
        help: "Bring the schema up to date at the start. Not where deployments do: the app may then own less.")
    var migrate = true

    @Option(
        help: ArgumentHelp("Replace connections of this age, in seconds, to watch logins happen.", valueName: "seconds")
    )
    var connectionAge: Int?

    @Option(help: "trace, debug, info, notice, warning or error.")
    var logLevel: Logger.Level = .info

    /// Where the platform's proxy looks for an app.
    private static var platformPort: Int? {
        ProcessInfo.processInfo.environment["DATABRICKS_APP_PORT"].flatMap(Int.init)
    }

    func validate() throws {
        guard (0...65535).contains(self.port) else {
            throw ValidationError("--port \(self.port) does not exist; choose 1 to 65535, or 0 for a free one")
        }
        guard !self.host.isEmpty else { throw ValidationError("--host is empty; use 127.0.0.1") }
    }

    func run() async throws {
        var logger = Logger(label: "notes")
        logger.logLevel = self.logLevel
        do {
            var pool = PQPoolConfiguration()
            // A visitor rather sees a page that says so; by then one attempt has failed, and the log has its cause.
            pool.acquireTimeout = .seconds(10)
            pool.wakeTimeout = .seconds(8)
            var configuration = try LakebaseConfiguration.fromEnvironment(pool: pool)
            if let connectionAge { configuration.pool.maximumAge = .seconds(max(1, connectionAge)) }
            configuration.schema = configuration.schema ?? "notes"
            let lakebase = try LakebaseClient(configuration: configuration, logger: logger)
            // Where the password is one for all, visitors cannot log in as themselves.
            let users =
                configuration.usesTokens ? try LakebaseClientPool(client: configuration, logger: logger) : nil
            let application = try buildApplication(
                lakebase: lakebase, users: users, address: .hostname(self.host, port: self.port),
                migrates: self.migrate, logger: logger)
            try await application.runService()
        } catch {
            let text = "notes: \(self.explain(error))\n"
            try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
            throw ExitCode(1)
        }
    }

    private func explain(_ error: any Error) -> String {
        if error is SocketAddressError || error is SocketAddressError.UnknownHost {
            return "the name \(self.host) has no address to listen on; choose another --host, such as 127.0.0.1"
        }
        guard let failure = error as? IOError else { return "\(error)" }
        switch failure.errnoCode {
        case EADDRINUSE: return "\(self.host):\(self.port) is taken; choose another --port, or 0 for a free one"
        case EADDRNOTAVAIL, EACCES:
            return "cannot listen on \(self.host):\(self.port): \(failure); choose another --host or --port"
        default: return "\(failure)"
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import ArgumentParser
import Hummingbird
import Lakebase
public import Logging

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

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port; 0 takes a free one. On Databricks Apps: $DATABRICKS_APP_PORT.")
    var port = 8080

    @Option(
        help: ArgumentHelp("Replace connections of this age, in seconds, to watch logins happen.", valueName: "seconds")
    )
    var connectionAge: Int?

    @Option(help: "trace, debug, info, notice, warning or error.")
    var logLevel: Logger.Level = .info

    func run() async throws {
        var logger = Logger(label: "notes")
        logger.logLevel = self.logLevel
        do {
            var pool = PoolConfiguration()
            if let connectionAge { pool.maximumAge = .seconds(max(1, connectionAge)) }
            var configuration = try LakebaseConfiguration.fromEnvironment(pool: pool)
            configuration.schema = configuration.schema ?? "notes"
            let lakebase = try LakebaseClient(configuration: configuration, logger: logger)
            let store = NotesStore(lakebase: lakebase)
            let application = try buildApplication(
                store: store, lakebase: lakebase, address: .hostname(self.host, port: self.port), logger: logger)
            try await application.runService()
        } catch {
            logger.error("\(error)")
            throw ExitCode(1)
        }
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import ArgumentParser

/// Where the server is, and how long to measure.
package struct ServerOptions: ParsableArguments {
    @Option(help: "The server's address.") package var host = "127.0.0.1"
    @Option(help: "The server's port.") package var port: Int
    @Option(help: "The role.") package var user = "bench"
    @Option(help: "The database that pgbench -i has filled.") package var database = "postgres"
    @Option(help: "How many rows pgbench_accounts has.") package var accounts = 500_000
    @Option(help: "Rounds; each runs every contender once.") package var rounds = 5
    @Option(help: "Seconds for each contender in a round.") package var seconds = 3

    package init() {}

    package var server: BenchServer {
        BenchServer(
            host: self.host, port: self.port, user: self.user, database: self.database,
            accounts: self.accounts)
    }
}

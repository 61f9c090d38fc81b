//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// The pool with any PostgreSQL: DATABASE_URL=postgresql://user:password@host/database .build/debug/PlainPool

// snippet.service
import AsyncPQPool
import Foundation
import Logging
import ServiceLifecycle

func serve(_ url: Secret, logger: Logger) async throws {
    let client = try PQClient(connectionString: url, logger: logger)
    let jobs = Jobs(client: client)
    try await ServiceGroup(services: [client, jobs], logger: logger).run()
}

struct Jobs: Service {
    let client: PQClient

    func run() async throws {
        let rows = try await self.client.query("SELECT datname, oid::int8 FROM pg_database ORDER BY oid")
        for (name, id) in try rows.decode((String, Int).self) { print(id, name) }
    }
}
// snippet.end

// snippet.hook
func client(
    _ configuration: PQConnection.Configuration, logger: Logger, password: @escaping @Sendable () async throws -> Secret
) throws -> PQClient {
    try PQClient(
        configuration: configuration, pool: PQPoolConfiguration(maximumConnections: 20), logger: logger
    ) { configuration in
        configuration.password = try await password()
    }
}
// snippet.end

// snippet.transfer
func transfer(_ amount: Int, from source: Int, to target: Int, _ client: PQClient) async throws {
    try await client.withTransaction(isolation: .serializable, retrying: 4) { connection in
        try await connection.query("UPDATE accounts SET balance = balance - \(amount) WHERE id = \(source)")
        try await connection.query("UPDATE accounts SET balance = balance + \(amount) WHERE id = \(target)")
    }
}
// snippet.end

// snippet.delegate
struct PoolLog: PQPoolDelegate {
    let logger: Logger

    func connectionClosed(_ connection: Int, _ reason: PQPoolCloseReason, error: PQError?) {
        guard let error else { return }
        self.logger.info("Connection \(connection) was closed", metadata: ["reason": "\(reason)", "error": "\(error)"])
    }

    func acquireTimedOut(after wait: Duration) {
        self.logger.warning("No connection became free within \(wait)")
    }
}
// snippet.end

// snippet.loop
func profile(of user: Int, _ client: PQClient) async throws -> (name: String?, notes: [String]) {
    try await client.withEventLoop {
        let name = try await client.query("SELECT name FROM users WHERE id = \(user)").decode(String.self).first
        let notes = try await client.query("SELECT title FROM notes WHERE author = \(user)").decode(String.self)
        return (name, notes)
    }
}
// snippet.end

guard let url = ProcessInfo.processInfo.environment["DATABASE_URL"] else { exit(64) }
try await serve(Secret(url), logger: Logger(label: "pool"))

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Ways to connect, deadlines and transactions, with any PostgreSQL:
// DATABASE_URL=postgresql://user:password@host/database .build/debug/PlainConnecting

import AsyncPQ
import Foundation
import Logging
import Secrets

// snippet.environment
func connectAsPsqlDoes(_ text: Secret, logger: Logger) async throws -> PQConnection {
    let configuration = try PQConnection.Configuration(
        connectionString: text, environment: ProcessInfo.processInfo.environment)
    return try await PQConnection.connect(configuration, logger: logger)
}
// snippet.end

// snippet.hosts
func standby(password: Secret) -> PQConnection.Configuration {
    var configuration = PQConnection.Configuration(
        host: "db1.example.com", username: "ann", database: "notes", password: password, tls: .verifyFull)
    configuration.additionalHosts = [.init("db2.example.com"), .init("db3.example.com", port: 5433)]
    configuration.targetSession = .preferStandby
    configuration.loadBalancing = .random
    return configuration
}
// snippet.end

// snippet.deadline
func count(_ connection: PQConnection) async throws -> Int? {
    do {
        let rows = try await connection.query("SELECT count(*) FROM pg_class", timeout: .seconds(2))
        return try rows.first?.decode(Int.self, at: 0)
    } catch let error as PQError where error.code == .timedOut && error.isSafeToRetry {
        return nil
    }
}
// snippet.end

// snippet.transaction
func transfer(_ amount: Int, from payer: Int, to payee: Int, on connection: PQConnection) async throws {
    try await connection.withTransaction(isolation: .serializable, retrying: 3) { connection in
        try await connection.query("UPDATE accounts SET balance = balance - \(amount) WHERE id = \(payer)")
        try await connection.query("UPDATE accounts SET balance = balance + \(amount) WHERE id = \(payee)")
    }
}
// snippet.end

// snippet.unknown
func book(_ id: UUID, on connection: PQConnection, reconnect: () async throws -> PQConnection) async throws {
    do {
        try await connection.withTransaction(deadline: .now + .seconds(5)) { connection in
            try await connection.query("INSERT INTO bookings (id) VALUES (\(id))")
        }
    } catch let error as PQError where error.code == .commitUnknown {
        let rows = try await reconnect().query("SELECT 1 FROM bookings WHERE id = \(id)")
        guard !rows.isEmpty else { throw error }
    }
}
// snippet.end

if let url = ProcessInfo.processInfo.environment["DATABASE_URL"] {
    let connection = try await connectAsPsqlDoes(Secret(url), logger: Logger(label: "snippet"))
    print(try await count(connection) ?? 0)
    await connection.close()
}

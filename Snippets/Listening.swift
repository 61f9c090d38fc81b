//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

// Notifications and advisory locks with any PostgreSQL: DATABASE_URL=postgresql://user:password@host/database .build/debug/Listening

import AsyncPQ
import Foundation
import Logging
import Secrets

// snippet.listen
func printJobs(_ connection: PQConnection) async throws {
    for try await notification in try await connection.listen("jobs") {
        print(notification.payload, "from process", notification.processID)
    }
}
// snippet.end

// snippet.notify
func announce(_ job: String, _ connection: PQConnection) async throws {
    try await connection.query("SELECT pg_notify('jobs', \(job))")
}
// snippet.end

// snippet.lock
func report(_ connection: PQConnection) async throws -> Bool {
    let done = try await connection.withAdvisoryLockIfFree("nightly report") { connection in
        try await connection.query("REFRESH MATERIALIZED VIEW report")
        return true
    }
    return done ?? false
}
// snippet.end

// snippet.transaction
func book(seat: Int32, of show: Int32, for guest: String, _ connection: PQConnection) async throws {
    try await connection.withTransaction { connection in
        try await connection.lockForTransaction(PQAdvisoryLockKey(show, seat))
        try await connection.query("INSERT INTO bookings (show, seat, guest) VALUES (\(show), \(seat), \(guest))")
    }
}
// snippet.end

if let url = ProcessInfo.processInfo.environment["DATABASE_URL"] {
    let connection = try await PQConnection.connect(
        .init(connectionString: Secret(url)), logger: Logger(label: "snippet"))
    let task = Task { try await printJobs(connection) }
    try await announce("42", connection)
    task.cancel()
    _ = await task.result
    await connection.close()
}

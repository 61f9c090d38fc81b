//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization
import TestSupport
import Testing

@testable import AsyncPQPool

/// Limits for tests: a busy machine can stand still for longer than the defaults.
func limits(_ change: (inout PQPoolConfiguration) -> Void = { _ in }) -> PQPoolConfiguration {
    var limits = PQPoolConfiguration(
        maximumConnections: 2, acquireTimeout: .seconds(50), connectTimeout: .seconds(50), drainTimeout: .seconds(50))
    change(&limits)
    return limits
}

/// Runs a client beside `body` and ends it afterwards.
func withRunning<Value: Sendable>(
    _ client: PQClient, _ body: () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await client.run() }
        defer { group.cancelAll() }
        return try await body()
    }
}

/// The error that `body` throws; nil if it throws none.
func thrown(_ body: () async throws -> Void) async -> (any Error)? {
    do {
        try await body()
        return nil
    } catch {
        return error
    }
}

extension PQClient {
    /// The process that serves a connection of the pool.
    func processID() async throws -> Int32 {
        try #require(try await self.query("SELECT pg_backend_pid()").first).decode(Int32.self, at: 0)
    }
}

extension TestServer {
    /// Runs a script in a session of its own.
    func script(_ script: String) async throws {
        let connection = try await PQConnection.connect(self.socket, logger: LogStore().logger)
        let error = await thrown { try await connection.execute(script: script) }
        await connection.close()
        if let error { throw error }
    }

    /// How many sessions have an application name.
    func sessions(of name: String) async throws -> Int {
        let connection = try await PQConnection.connect(self.socket, logger: LogStore().logger)
        let rows = try await connection.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = \(name)")
        await connection.close()
        return try #require(rows.first).decode(Int.self, at: 0)
    }
}

/// Records the events of a pool.
final class EventStore: PQPoolDelegate {
    private let store = Mutex<[String]>([])

    /// The events in their order, without times.
    var events: [String] { self.store.withLock { $0 } }

    func count(_ beginning: String) -> Int { self.events.count { $0.utf8.starts(with: beginning.utf8) } }

    private func append(_ event: String) { self.store.withLock { $0.append(event) } }

    func connectionOpened(_ connection: Int, after duration: Duration) { self.append("opened \(connection)") }
    func connectionFailed(_ error: any Error, after duration: Duration) { self.append("failed") }
    func connectionClosed(_ connection: Int, _ reason: PQPoolCloseReason, error: PQError?) {
        self.append("closed \(connection) \(reason)\(error == nil ? "" : ", an error")")
    }
    func connectionAcquired(_ connection: Int, after wait: Duration) { self.append("acquired \(connection)") }
    func connectionReleased(_ connection: Int, after use: Duration) { self.append("released \(connection)") }
    func acquireTimedOut(after wait: Duration) { self.append("timed out") }
}

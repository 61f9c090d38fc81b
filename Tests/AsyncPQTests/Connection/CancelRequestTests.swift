//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import CLibpq
import Foundation
import Secrets
import TestSupport
import Testing

@testable import AsyncPQ

/// How a statement is cancelled where a login of its own is not to be had.
@Suite("Cancel requests")
struct CancelRequestTests {
    /// Cancels a statement that would run for ten minutes, once the server has begun with it.
    ///
    /// - Returns: The process of the session.
    private func cancelLongStatement(on connection: PQConnection) async throws -> Int32 {
        let process = try await connection.processID()
        try await withConnection { observer in
            let task = Task { try await connection.query("SELECT pg_sleep(600)") }
            try await eventually {
                try await observer.cell(
                    "SELECT count(*) FROM pg_stat_activity WHERE pid = \(process) AND wait_event = 'PgSleep'",
                    as: Int.self) == 1
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        return process
    }

    @Test(.timeLimit(.minutes(1)))
    func `a role without a free connection cancels all the same`() async throws {
        try await withConnection { try await $0.execute(script: "CREATE ROLE single LOGIN CONNECTION LIMIT 1") }
        try await withConnection(change: { $0.username = "single" }) { connection in
            let refused = try await pqError { try await withConnection(change: { $0.username = "single" }) { _ in } }
            #expect(refused.sqlState == .tooManyConnections)
            for _ in 0..<3 {
                let process = try await self.cancelLongStatement(on: connection)
                #expect(try await connection.processID() == process)
            }
            // Also for what a loop over rows leaves behind.
            for try await _ in connection.stream("SELECT generate_series(1, 100000000)") { break }
            #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
        }
    }

    /// Not for a libpq that sends the request with TLS.
    @Test(.timeLimit(.minutes(1)), .enabled(if: PQlibVersion() < 170_000))
    func `where neither request nor login is possible the caller is told at once and the connection is closed`()
        async throws
    {
        let change: (inout PQConnection.Configuration) -> Void = {
            $0.currentPassword = { Secret("no longer valid") }
        }
        try await withConnection(to: .tls, change: change) { connection in
            let process = try await self.cancelLongStatement(on: connection)
            #expect(await !connection.isOpen)
            let error = try await pqError { try await connection.query("SELECT 1") }
            #expect(error.code == .connectionClosed && error.message.contains("could not be cancelled"), "\(error)")
            // The server does not look whether anyone waits for the answer.
            try await withConnection { _ = try await $0.query("SELECT pg_terminate_backend(\(process))") }
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: Way.allCases)
    func `behind a pooler the request is the session's own, and nothing has a name`(way: Way) async throws {
        let change: (inout PQConnection.Configuration) -> Void = {
            $0.isBehindPooler = true
            // A login would be refused.
            $0.currentPassword = { Secret("no longer valid") }
        }
        try await withConnection(to: way, change: change) { connection in
            #expect(await connection.serverProcess == nil)
            let process = try await self.cancelLongStatement(on: connection)
            for _ in 0..<4 { #expect(try await connection.processID() == process) }
            #expect(try await connection.cell("SELECT count(*) FROM pg_prepared_statements", as: Int.self) == 0)
        }
    }

    enum Reading: CaseIterable {
        case query, stream, copy, pipeline
    }

    @Test(.timeLimit(.minutes(2)), .enabled(if: PQlibVersion() < 170_000), arguments: Reading.allCases)
    func `a server that did not listen is told again, although its rows keep coming`(reading: Reading) async throws {
        let log = LogStore()
        try await withConnection(to: .tls, logger: log.logger) { connection in
            let process = try await connection.processID()
            // The server is told to stop a process that it does not have.
            await connection.take(forServerProcess: 1)
            let rows: PQQuery = "SELECT repeat('x', 10000), pg_sleep(0.001), generate_series(1, 1000000000)"
            let task = Task {
                switch reading {
                case .query: _ = try await connection.query(rows)
                case .copy: for try await _ in connection.copyOut("COPY (\(unescaped: rows.sql)) TO STDOUT") {}
                case .pipeline: _ = try await connection.pipeline([rows])
                case .stream: for try await _ in connection.stream(rows) { break }
                }
            }
            try await eventually { await connection.transactionStatus == .active }
            if reading != .stream { task.cancel() }
            try await eventually { log.text.contains("PID 1 is not a PostgreSQL") }
            await connection.take(forServerProcess: process)
            let result = await task.result
            if reading != .stream { #expect(throws: CancellationError.self) { try result.get() } }
            #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a server that cannot be reached any more has the caller told at once`() async throws {
        // A server of its own, whose socket is taken away.
        let server = try TestServer.start()
        let connection = try await PQConnection.connect(server.socket, on: testLoops.next(), logger: quiet)
        let task = Task { try await connection.query("SELECT pg_sleep(600)") }
        try await eventually { await connection.transactionStatus == .active }
        try FileManager.default.removeItem(atPath: "\(server.folder)/.s.PGSQL.\(server.port)")
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await !connection.isOpen)
    }
}

extension PQConnection {
    fileprivate func take(forServerProcess process: Int32) { self.serverProcess = process }
}

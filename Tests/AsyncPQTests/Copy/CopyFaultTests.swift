//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import CLibpq
import Synchronization
import TestSupport
import Testing

/// Cancelled tasks and lost connections, in both directions.
@Suite("Faults during COPY", .loadsTheMachine)
struct CopyFaultTests {
    private static let endless: PQQuery =
        "COPY (SELECT generate_series(1, 1000000000), repeat('x', 100)) TO STDOUT"

    /// Cancels `body` after a random time, and returns what came of it.
    private func cancelled<Value: Sendable>(
        after pause: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async -> Result<Value, any Error> {
        let task = Task { try await body() }
        try? await Task.sleep(for: pause)
        task.cancel()
        return await task.result
    }

    @Test(.timeLimit(.minutes(5)), arguments: [Way.socket, .tls])
    func `a cancelled COPY into a table copies nothing, at any moment`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            try await connection.execute(script: "CREATE TEMP TABLE notes (id int)")
            var generator = SeededGenerator(seed: 14)
            for round in 0..<150 {
                let pause = Duration.microseconds(Int64.random(in: 0..<5000, using: &generator))
                let result = await self.cancelled(after: pause) {
                    try await connection.copyIn("COPY notes FROM STDIN") { writer in
                        for id in 0..<10_000 { try await writer.write("\(id)\n") }
                    }
                }
                let count = try await connection.cell("SELECT count(*) FROM notes", as: Int.self)
                switch result {
                case .success(let copied):
                    #expect(copied == 10_000 && count == 10_000, "round \(round)")
                    try await connection.query("DELETE FROM notes")
                case .failure(let error):
                    #expect(error is CancellationError && count == 0, "round \(round): \(error)")
                }
            }
            #expect(await connection.isOpen)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [Way.socket, .tls])
    func `a cancelled COPY out leaves the connection usable, at any moment`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            var generator = SeededGenerator(seed: 15)
            for round in 0..<100 {
                let pause = Duration.microseconds(Int64.random(in: 0..<5000, using: &generator))
                let result = await self.cancelled(after: pause) {
                    for try await _ in connection.copyOut(Self.endless) {}
                }
                #expect(throws: CancellationError.self) { try result.get() }
                let next = try await connection.cell("SELECT \(round)", as: Int.self)
                #expect(next == round)
            }
            #expect(await connection.isOpen)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a COPY whose server waits for a lock is cancelled as well`() async throws {
        try await withConnection { connection in
            try await withConnection { other in
                try await connection.execute(script: "CREATE TABLE copy_locked (id int PRIMARY KEY)")
                let process = try await connection.processID()
                try await other.execute(script: "BEGIN; INSERT INTO copy_locked VALUES (1)")
                for isFull in [false, true] {
                    let task = Task {
                        try await connection.copyIn("COPY copy_locked FROM STDIN") { writer in
                            for id in 1..<(isFull ? 5_000_000 : 2) { try await writer.write("\(id)\n") }
                        }
                    }
                    try await eventually {
                        try await other.cell(
                            "SELECT count(*) FROM pg_locks WHERE pid = \(process) AND NOT granted", as: Int.self) == 1
                    }
                    task.cancel()
                    await #expect(throws: CancellationError.self) { try await task.value }
                    #expect(await connection.isOpen)
                }
                try await other.execute(script: "COMMIT")
                let rows = try await connection.query("SELECT id FROM copy_locked").decode(Int.self)
                #expect(rows == [1])
                try await connection.execute(script: "DROP TABLE copy_locked")
            }
        }
    }

    /// Only a login takes long enough; where there is a cancel request, the server is told at once.
    @Test(.timeLimit(.minutes(5)), .enabled(if: PQlibVersion() < 170_000))
    func `what the server sends until it is told to stop stays with it`() async throws {
        try await withConnection { other in
            let table = "copy_late"
            try await other.execute(
                script: """
                    DROP TABLE IF EXISTS \(table);
                    CREATE TABLE \(table) AS SELECT 1 AS id;
                    GRANT SELECT ON \(table) TO PUBLIC
                    """)
            // The login that stops the statement takes a second, and the COPY begins meanwhile.
            try await withConnection(to: .tls, change: { $0.startupOptions = "-c post_auth_delay=1" }) { connection in
                let process = try await connection.processID()
                try await other.execute(script: "BEGIN; LOCK TABLE \(table)")
                let task = Task {
                    for try await _ in connection.copyOut(
                        "COPY (SELECT repeat('x', 1000), generate_series(1, 1000000000) FROM \(unescaped: table)) TO STDOUT"
                    ) {}
                }
                try await eventually {
                    try await other.cell(
                        "SELECT count(*) FROM pg_locks WHERE pid = \(process) AND NOT granted", as: Int.self) == 1
                }
                task.cancel()
                try await other.execute(script: "COMMIT")
                let progress: PQQuery =
                    "SELECT coalesce(max(bytes_processed), 0) FROM pg_stat_progress_copy WHERE pid = \(process)"
                let watching = Task {
                    var sent = 0
                    while !Task.isCancelled { sent = max(sent, (try? await other.cell(progress)) ?? 0) }
                    return sent
                }
                await #expect(throws: CancellationError.self) { try await task.value }
                watching.cancel()
                let sent = await watching.value
                #expect(sent > 0 && sent < 64 << 20, "the buffers of the system are smaller")
                #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
            }
            try await other.execute(script: "DROP TABLE \(table)")
        }
    }

    @Test(arguments: Way.allCases)
    func `a server process that is ended ends a COPY into a table with its reason`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            try await connection.execute(script: "CREATE TEMP TABLE notes (id int)")
            let process = try await connection.processID()
            let error = try await pqError {
                try await connection.copyIn("COPY notes FROM STDIN") { writer in
                    try await writer.write(String(repeating: "1\n", count: 100_000))
                    try await withConnection { other in
                        let ended = try await other.cell("SELECT pg_terminate_backend(\(process), 5000)", as: Bool.self)
                        #expect(ended)
                    }
                    while true { try await writer.write("2\n") }
                }
            }
            #expect(error.code == .connectionClosed && error.sqlState == .adminShutdown, "\(error)")
            #expect(await !connection.isOpen)
            #expect(try await pqError { try await connection.query("SELECT 1") }.code == .connectionClosed)
        }
    }

    @Test(arguments: Way.allCases)
    func `a server process that is ended ends a COPY out`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            let process = try await connection.processID()
            let waiting = Mutex<Task<PQError, any Error>?>(nil)
            let error = try await pqError {
                for try await _ in connection.copyOut(Self.endless) {
                    guard waiting.withLock({ $0 }) == nil else { continue }
                    waiting.withLock { $0 = Task { try await pqError { try await connection.query("SELECT 1") } } }
                    try await withConnection { other in
                        _ = try await other.query("SELECT pg_terminate_backend(\(process))")
                    }
                }
            }
            // A server that waits for its client to read more says nothing when it is ended (ProcessClientWriteInterrupt).
            #expect(error.code == .connectionClosed, "\(error)")
            #expect(await !connection.isOpen)
            let next = try await waiting.withLock { $0 }?.value
            #expect(next?.code == .connectionClosed, "a caller that waited for its turn gets the error too")
        }
    }

    @Test func `a connection that is closed during a COPY ends it`() async throws {
        for direction in 0..<2 {
            try await withConnection { connection in
                let error = try await pqError {
                    if direction == 0 {
                        for try await _ in connection.copyOut(Self.endless) { await connection.close() }
                    } else {
                        try await connection.execute(script: "CREATE TEMP TABLE notes (id int)")
                        try await connection.copyIn("COPY notes FROM STDIN") { writer in
                            await connection.close()
                            while true { try await writer.write("1\n") }
                        }
                    }
                }
                #expect(error.code == .connectionClosed)
            }
        }
    }
}

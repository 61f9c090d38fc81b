//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization
import Testing

/// What `CancellationError` promises.
@Suite("The truth of a cancellation")
struct CancellationTruthTests {
    /// Runs `body` in a task that was cancelled before, on the connection's loop or off it.
    private func cancelled(
        onLoopOf connection: PQConnection?, _ body: @escaping @Sendable () async throws -> Void
    ) async -> Result<Void, any Error> {
        await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await withTaskExecutorPreference(connection?.eventLoop) { try await body() }
        }.result
    }

    @Test(arguments: [false, true])
    func `nothing is sent for a task that was cancelled before, prepared or not`(onLoop: Bool) async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE sent (n int)")
            for number in 0..<3 { try await connection.query("INSERT INTO sent VALUES (\(number))") }
            for number in 0..<40 {
                let result = await self.cancelled(onLoopOf: onLoop ? connection : nil) {
                    try await connection.query("INSERT INTO sent VALUES (\(100 + number))")
                }
                #expect(throws: CancellationError.self) { try result.get() }
            }
            #expect(try await connection.cell("SELECT count(*) FROM sent", as: Int.self) == 3)
        }
    }

    @Test(arguments: [false, true])
    func `a stream, a script, a ping and a transaction of a cancelled task send nothing`(onLoop: Bool) async throws {
        try await withConnection { connection in
            let process = try await connection.processID()
            try await connection.query("SELECT 'the last one'")
            let ways: [@Sendable () async throws -> Void] = [
                { try await connection.query("SELECT 1") },
                { try await connection.stream("SELECT 1") { _ in } },
                { try await connection.execute(script: "SELECT 1") },
                { try await connection.ping(timeout: .seconds(10)) },
                { try await connection.withTransaction { _ in } },
            ]
            try await withConnection { observer in
                for (number, way) in ways.enumerated() {
                    let result = await self.cancelled(onLoopOf: onLoop ? connection : nil, way)
                    #expect(throws: CancellationError.self, "way \(number)") { try result.get() }
                    let last = try await observer.cell(
                        "SELECT query FROM pg_stat_activity WHERE pid = \(process)", as: String.self)
                    #expect(last == "SELECT 'the last one'", "way \(number)")
                }
            }
        }
    }

    @Test(arguments: [false, true])
    func `of 400 inserts that race with their cancellation, those that threw are not there and all others are`(
        onLoop: Bool
    ) async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE raced (n int)")
            var returned: [Int] = []
            var thrown = 0
            for number in 0..<400 {
                let task = Task {
                    try await withTaskExecutorPreference(onLoop ? connection.eventLoop : nil) {
                        try await connection.query("INSERT INTO raced VALUES (\(number))").affectedRows
                    }
                }
                try await Task.sleep(for: .microseconds(number % 40 * 10))
                task.cancel()
                switch await task.result {
                case .success(let count):
                    #expect(count == 1)
                    returned.append(number)
                case .failure(let error):
                    #expect(error is CancellationError, "\(error)")
                    thrown += 1
                }
            }
            #expect(await connection.isOpen, "what became of a query of a closed connection would be unknown")
            let there = try await connection.query("SELECT n FROM raced ORDER BY n").decode(Int.self)
            #expect(there == returned, "\(thrown) threw")
        }
    }

    @Test func `a failure that is none of the cancellation is thrown as it is`() async throws {
        try await withConnection { connection in
            try await connection.execute(
                script: """
                    CREATE TEMP TABLE strict (n int PRIMARY KEY);
                    INSERT INTO strict VALUES (1);
                    CREATE FUNCTION pg_temp.deaf() RETURNS int LANGUAGE plpgsql AS $$
                    BEGIN
                        BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END;
                        RETURN 1;
                    END $$
                    """)
            let process = try await connection.processID()
            let task = Task { try await connection.query("INSERT INTO strict SELECT pg_temp.deaf()") }
            try await withConnection { observer in
                try await eventually {
                    try await observer.cell(
                        "SELECT coalesce(wait_event, '') FROM pg_stat_activity WHERE pid = \(process)", as: String.self)
                        == "PgSleep"
                }
            }
            task.cancel()
            let error = try await pqError { try await task.value }
            #expect(error.sqlState == .uniqueViolation)
        }
    }

    @Test func `a stream that is done before it can be stopped hands over all its rows`() async throws {
        try await withConnection { connection in
            for round in 0..<60 {
                let rows = Mutex(0)
                let task = Task {
                    try await connection.stream("SELECT n FROM generate_series(1, 200) AS n") { part in
                        rows.withLock { $0 += part.count }
                    }
                }
                try await Task.sleep(for: .microseconds(round * 10))
                task.cancel()
                switch await task.result {
                case .success(let end): #expect(end.commandTag == "SELECT 200" && rows.withLock { $0 } == 200)
                case .failure(let error): #expect(error is CancellationError, "\(error)")
                }
            }
        }
    }
}

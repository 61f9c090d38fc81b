//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

@testable import AsyncPQ

@Suite("Deadlines of calls")
struct DeadlineTests {
    private let past = ContinuousClock.now - .seconds(1)

    @Test(.timeLimit(.minutes(2)), arguments: Way.allCases)
    func `a query that takes too long is stopped on the server, and the connection stays usable`(way: Way) async throws
    {
        try await withConnection(to: way) { connection in
            let process = try await connection.processID()
            for _ in 0..<3 {
                let error = try await pqError {
                    try await connection.query("SELECT pg_sleep(600)", timeout: .milliseconds(200))
                }
                #expect(error.code == .timedOut && error.isSafeToRetry && error.message.contains("nothing"), "\(error)")
                #expect(await connection.transactionStatus == .idle)
                #expect(try await connection.processID() == process)
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a query in time returns its rows, prepared and with parameters`() async throws {
        try await withConnection { connection in
            for number in 0..<20 {
                let rows = try await connection.query("SELECT \(number) + 1", timeout: .seconds(60))
                #expect(try rows.decode(Int.self) == [number + 1])
            }
            let error = try await pqError { try await connection.query("SELECT 1/0", timeout: .seconds(60)) }
            #expect(error.sqlState == .divisionByZero)
            #expect(try await connection.query("SELECT 1", timeout: .seconds(Int64.max)).count == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `nothing is sent once the deadline has passed`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE t (a int)")
            let error = try await pqError {
                try await connection.query("INSERT INTO t VALUES (1)", deadline: self.past)
            }
            #expect(error.code == .timedOut && error.isSafeToRetry && error.message.contains("before"), "\(error)")
            #expect(try await connection.cell("SELECT count(*) FROM t", as: Int.self) == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `the wait for earlier queries counts, and those are not touched`() async throws {
        try await withConnection { connection in
            let first = Task { try await connection.query("SELECT pg_sleep(600)") }
            try await eventually { await connection.transactionStatus == .active }
            let error = try await pqError { try await connection.query("SELECT 2", timeout: .milliseconds(50)) }
            #expect(error.code == .timedOut && error.isSafeToRetry && error.message.contains("before"), "\(error)")
            #expect(await connection.transactionStatus == .active, "the first still runs")
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            #expect(try await connection.query("SELECT 3", timeout: .seconds(60)).decode(Int.self) == [3])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a cancelled task is cancelled, whatever its deadline`() async throws {
        try await withConnection { connection in
            let task = Task { try await connection.query("SELECT pg_sleep(600)", timeout: .seconds(300)) }
            try await eventually { await connection.transactionStatus == .active }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a server that answers no more has the connection closed, and the outcome is not known`() async throws {
        let server = try FakePostgres()
        defer { server.stop() }
        let connection = try await PQConnection.connect(server.configuration, logger: quiet)
        server.fallSilent()
        var error: PQError?
        let isSent = try await getsFarEnough { limit in
            error = try await pqError { try await connection.query("SELECT 1", timeout: limit) }
            return error?.isSafeToRetry == false
        }
        #expect(error?.code == .timedOut && isSent)
        #expect(error?.message.contains("may have been") == true, "\(String(describing: error))")
        #expect(await !connection.isOpen)
    }

    @Test(.timeLimit(.minutes(1)))
    func `what may have committed by itself is not called undone`() async throws {
        try await withConnection { connection in
            try await connection.execute(
                script: """
                    CREATE TABLE IF NOT EXISTS deadline_kept (a int);
                    TRUNCATE deadline_kept;
                    CREATE OR REPLACE PROCEDURE deadline_keep() LANGUAGE plpgsql AS
                        $$ BEGIN INSERT INTO deadline_kept VALUES (1); COMMIT; PERFORM pg_sleep(600); END $$
                    """)
            let isKept = try await getsFarEnough { limit in
                let error = try await pqError { try await connection.query("CALL deadline_keep()", timeout: limit) }
                #expect(error.code == .timedOut, "\(error)")
                let kept = try await connection.cell("SELECT count(*) FROM deadline_kept", as: Int.self)
                if kept > 0 { #expect(!error.isSafeToRetry, "\(error)") }
                return kept > 0
            }
            #expect(isKept)
            let isSent = try await getsFarEnough { limit in
                let error = try await pqError {
                    try await connection.withDeadline(.now + limit) {
                        try await $0.execute(script: "BEGIN; COMMIT; SELECT pg_sleep(600)")
                    }
                }
                #expect(error.code == .timedOut, "\(error)")
                return !error.isSafeToRetry
            }
            #expect(isSent)
            try await connection.execute(script: "DROP PROCEDURE deadline_keep; DROP TABLE deadline_kept")
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a transaction is rolled back at its deadline, and the next one has none`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE t (a int)")
            let error = try await pqError {
                try await connection.withTransaction(deadline: .now + .milliseconds(100)) { connection in
                    try await connection.query("INSERT INTO t VALUES (1)")
                    let inner = try await pqError { try await connection.query("SELECT pg_sleep(600)") }
                    #expect(inner.code == .timedOut)
                    // The deadline holds on: nothing more is sent.
                    for _ in 0..<3 { try await connection.query("INSERT INTO t VALUES (2)") }
                }
            }
            #expect(error.code == .timedOut, "\(error)")
            #expect(await connection.transactionStatus == .idle)
            #expect(try await connection.cell("SELECT count(*) FROM t", as: Int.self) == 0)
            let inTime = try await connection.withTransaction(deadline: .now + .seconds(60)) { connection in
                try await connection.query("INSERT INTO t VALUES (3)")
                return try await connection.withDeadline(.now + .seconds(600)) {
                    try await $0.cell("SELECT count(*) FROM t", as: Int.self)
                }
            }
            #expect(inTime == 1)
            #expect(connection.session.deadline == nil)
            // The body itself is not ended: the commit comes too late.
            let late = try await pqError {
                try await connection.withTransaction(deadline: .now + .milliseconds(100)) { connection in
                    try await connection.query("INSERT INTO t VALUES (4)")
                    try await Task.sleep(for: .milliseconds(150))
                }
            }
            #expect(late.code == .timedOut)
            #expect(try await connection.cell("SELECT count(*) FROM t", as: Int.self) == 1)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `deadlines at random moments never reach another statement`() async throws {
        try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for seed in 0..<4 {
                group.addTask {
                    try await withConnection { connection in
                        var generator = SeededGenerator(seed: UInt64(seed))
                        var counts = (done: 0, late: 0)
                        for number in 0..<150 {
                            // A cancellation takes a connection of its own to reach the server, so at random moments it may
                            // always come after the statement: of these, one can only be late and one only be done.
                            var sleep = Double.random(in: 0...0.004, using: &generator)
                            var timeout = Duration.microseconds(Int.random(in: 0...8000, using: &generator))
                            if number % 25 == 0 { sleep = 3600 }
                            if number % 25 == 1 { timeout = .seconds(3600) }
                            do {
                                let rows = try await connection.query(
                                    "SELECT \(number), pg_sleep(\(sleep))", timeout: timeout)
                                #expect(try rows.first?.decode(Int.self, at: 0) == number)
                                #expect(sleep < 1)
                                counts.done += 1
                            } catch let error as PQError {
                                #expect(error.code == .timedOut && error.isSafeToRetry, "\(error)")
                                #expect(timeout < .seconds(1))
                                counts.late += 1
                            }
                            #expect(try await connection.cell("SELECT \(number)", as: Int.self) == number)
                        }
                        return counts
                    }
                }
            }
            for try await (done, late) in group { #expect(done >= 6 && late >= 6, "\(done) \(late)") }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `any number of deadlines leaves few entries behind`() async throws {
        let loop = try PQEventLoop()
        defer { loop.stop() }
        try await withConnection(on: loop) { connection in
            for number in 0..<2000 {
                try await connection.query("SELECT 1", timeout: .seconds(number % 100 == 0 ? 30 : 60))
                if number % 100 == 0 { await Task.yield() }
            }
            let count = await connection.deadlinesOfLoop()
            #expect(count < 50, "\(count)")
        }
    }
}

extension PQConnection {
    fileprivate func deadlinesOfLoop() -> Int { self.eventLoop.deadlineCount }
}

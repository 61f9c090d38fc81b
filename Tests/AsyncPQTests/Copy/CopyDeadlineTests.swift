//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

@testable import AsyncPQ

@Suite("Deadlines of COPY", .timeLimit(.minutes(2)))
struct CopyDeadlineTests {
    /// The server sends each row at once, since its buffer is smaller.
    private static let slow: PQQuery =
        "COPY (SELECT repeat('x', 10000), pg_sleep(0.01) FROM generate_series(1, 100000)) TO STDOUT"

    @Test func `the wait for an earlier statement counts, and nothing is sent`() async throws {
        try await withConnection { connection in
            try await connection.execute(script: "CREATE TEMP TABLE t (a int)")
            let first = Task { try await connection.query("SELECT pg_sleep(600)") }
            try await eventually { await connection.transactionStatus == .active }
            for isIn in [true, false] {
                let error = try await pqError {
                    try await connection.withDeadline(.now + .milliseconds(50)) { connection in
                        if isIn {
                            try await connection.copyIn("COPY t FROM STDIN") { try await $0.write("1\n") }
                        } else {
                            for try await _ in connection.copyOut("COPY t TO STDOUT") {}
                        }
                    }
                }
                #expect(error.code == .timedOut && error.isSafeToRetry && error.message.contains("before"), "\(error)")
            }
            #expect(await connection.transactionStatus == .active, "the first still runs")
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            #expect(try await connection.cell("SELECT count(*) FROM t", as: Int.self) == 0)
        }
    }

    @Test func `one that waits for a lock is stopped before it begins`() async throws {
        try await withConnection { holder in
            try await holder.execute(script: "DROP TABLE IF EXISTS copy_locked; CREATE TABLE copy_locked (a int)")
            try await holder.execute(script: "BEGIN; LOCK TABLE copy_locked")
            try await withConnection { connection in
                let error = try await pqError {
                    try await connection.withDeadline(.now + .milliseconds(100)) {
                        try await $0.copyIn("COPY copy_locked FROM STDIN") { try await $0.write("1\n") }
                    }
                }
                #expect(error.code == .timedOut && error.isSafeToRetry, "\(error)")
                #expect(await connection.transactionStatus == .idle)
                #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
            }
            try await holder.execute(script: "ROLLBACK; DROP TABLE copy_locked")
        }
    }

    @Test(arguments: Way.allCases)
    func `what was copied in is undone at the deadline, however the time was spent`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            try await connection.execute(
                script: """
                    CREATE TEMP TABLE t (a int);
                    CREATE FUNCTION pg_temp.slow() RETURNS trigger LANGUAGE plpgsql AS
                        $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$
                    """)
            // The caller writes on and on, waits by itself, or the server does not take more.
            for spent in 0..<3 {
                if spent == 2 {
                    try await connection.execute(
                        script: "CREATE TRIGGER slow BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION pg_temp.slow()")
                }
                let error = try await pqError {
                    try await connection.withDeadline(.now + .milliseconds(300)) { connection in
                        try await connection.copyIn("COPY t FROM STDIN") { writer in
                            try await writer.write("1\n")
                            if spent == 1 {
                                try await Task.sleep(for: .milliseconds(350))
                            } else {
                                while true { try await writer.write(String(repeating: "1\n", count: 1000)) }
                            }
                        }
                    }
                }
                #expect(error.code == .timedOut && error.isSafeToRetry, "\(spent): \(error)")
                #expect(await connection.transactionStatus == .idle)
                #expect(try await connection.cell("SELECT count(*) FROM t", as: Int.self) == 0)
            }
        }
    }

    @Test(arguments: Way.allCases)
    func `what is copied out ends at the deadline, after the rows before it`(way: Way) async throws {
        try await withConnection(to: way) { connection in
            for waits in [false, true] {
                let hasRows = try await getsFarEnough { limit in
                    var chunks = 0
                    let error = try await pqError {
                        try await connection.withDeadline(.now + limit) { connection in
                            for try await _ in connection.copyOut(Self.slow) {
                                chunks += 1
                                if waits { try await Task.sleep(for: limit + .milliseconds(50)) }
                            }
                        }
                    }
                    #expect(error.code == .timedOut, "\(error)")
                    #expect(await connection.transactionStatus == .idle)
                    #expect(connection.session.deadline == nil)
                    #expect(try await connection.cell("SELECT 1", as: Int.self) == 1)
                    return chunks > 0
                }
                #expect(hasRows)
            }
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Foundation
import Synchronization
import Testing

@testable import AsyncPQ

@Suite("Transactions that conflict, wait, or lose their answer")
struct TransactionOutcomeTests {
    private struct Wrapped: Error {}

    /// Creates a table of its own with one row, and drops it afterwards.
    private func withTable(_ name: String, _ body: (PQConnection, String) async throws -> Void) async throws {
        try await withConnection { connection in
            let table = "outcome_\(name)"
            try await connection.execute(
                script: "DROP TABLE IF EXISTS \(table); CREATE TABLE \(table) (a int PRIMARY KEY, n int); "
                    + "INSERT INTO \(table) VALUES (1, 0), (2, 0)")
            do {
                try await body(connection, table)
            } catch {
                try? await connection.execute(script: "DROP TABLE \(table)")
                throw error
            }
            try await connection.execute(script: "DROP TABLE \(table)")
        }
    }

    @Test func `a deferrable transaction is one, and only the outermost can be`() async throws {
        try await withConnection { connection in
            let shown = try await connection.withTransaction(
                isolation: .serializable, readOnly: true, deferrable: true
            ) { connection in
                let error = try await pqError {
                    try await connection.withTransaction(deferrable: true) { _ in }
                }
                #expect(error.code == .unsupported)
                return try await connection.cell("SHOW transaction_deferrable", as: String.self)
            }
            #expect(shown == "on")
            let usual = try await connection.withTransaction {
                try await $0.cell("SHOW transaction_deferrable", as: String.self)
            }
            #expect(usual == "off")
        }
    }

    /// Runs a transaction whose first `conflicts` attempts conflict with another session.
    private func run(
        _ connection: PQConnection, _ table: String, conflicts: Int, retrying: Int, wrapping: Bool = false
    ) async throws -> Int {
        var attempts = 0
        try await connection.withTransaction(isolation: .repeatableRead, retrying: retrying) { connection in
            attempts += 1
            _ = try await connection.query(PQQuery(unsafeSQL: "SELECT * FROM \(table)"))
            if attempts <= conflicts {
                try await withConnection {
                    _ = try await $0.query(PQQuery(unsafeSQL: "UPDATE \(table) SET n = n + 100 WHERE a = 1"))
                }
            }
            do {
                try await connection.query(PQQuery(unsafeSQL: "UPDATE \(table) SET n = n + 1 WHERE a = 1"))
            } catch {
                throw wrapping ? Wrapped() : error
            }
        }
        return attempts
    }

    @Test(.timeLimit(.minutes(1)), arguments: [false, true])
    func `a serialization failure is retried as often as asked for, also where the body wraps it`(
        wrapping: Bool
    ) async throws {
        try await self.withTable("serialization_\(wrapping)") { connection, table in
            let attempts = try await self.run(connection, table, conflicts: 2, retrying: 2, wrapping: wrapping)
            #expect(attempts == 3)
            let value: PQQuery = PQQuery(unsafeSQL: "SELECT n FROM \(table) WHERE a = 1")
            #expect(try await connection.cell(value, as: Int32.self) == 201)
            await #expect(throws: (any Error).self) {
                try await self.run(connection, table, conflicts: 3, retrying: 2, wrapping: wrapping)
            }
            await #expect(throws: (any Error).self) {
                try await self.run(connection, table, conflicts: 1, retrying: 0, wrapping: wrapping)
            }
            #expect(await connection.transactionStatus == .idle)
            #expect(try await connection.cell(value, as: Int32.self) == 201 + 400)
        }
    }

    private final class Meeting: Sendable {
        let count = Mutex(0)
    }

    private static func update(
        _ connection: PQConnection, _ table: String, _ order: [Int], _ meeting: Meeting
    ) async throws {
        try await connection.withTransaction(settings: ["deadlock_timeout": "20ms"], retrying: 20) { connection in
            try await connection.query(PQQuery(unsafeSQL: "UPDATE \(table) SET n = n + 1 WHERE a = \(order[0])"))
            // Both hold one row before either asks for the other, at the first attempt.
            meeting.count.withLock { $0 += 1 }
            try await eventually { meeting.count.withLock { $0 } >= 2 }
            try await connection.query(PQQuery(unsafeSQL: "UPDATE \(table) SET n = n + 1 WHERE a = \(order[1])"))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a deadlock is retried`() async throws {
        try await self.withTable("deadlock") { connection, table in
            let meeting = Meeting()
            try await withConnection { other in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (session, order) in [(connection, [1, 2]), (other, [2, 1])] {
                        group.addTask { try await Self.update(session, table, order, meeting) }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(meeting.count.withLock { $0 } >= 3, "one of the two ran again")
            let sum = try await connection.cell(PQQuery(unsafeSQL: "SELECT sum(n) FROM \(table)"), as: Int.self)
            #expect(sum == 4)
        }
    }

    @Test func `other failures are not retried, nor is an inner transaction`() async throws {
        try await self.withTable("others") { connection, table in
            var attempts = 0
            let unique = try await pqError {
                try await connection.withTransaction(retrying: 5) {
                    attempts += 1
                    try await $0.query(PQQuery(unsafeSQL: "INSERT INTO \(table) VALUES (1, 1)"))
                }
            }
            #expect(unique.sqlState == .uniqueViolation && attempts == 1)
            let raised: PQQuery = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$"
            attempts = 0
            var outer = 0
            try await connection.withTransaction(retrying: 1) { connection in
                outer += 1
                guard outer == 1 else { return }
                try await connection.withTransaction(retrying: 5) {
                    attempts += 1
                    try await $0.query(raised)
                }
            }
            #expect(attempts == 1 && outer == 2)
        }
    }

    /// Defines a trigger that sleeps during the commit of an insertion.
    private func makeCommitsSlow(_ connection: PQConnection, _ table: String, seconds: Double) async throws {
        try await connection.execute(
            script: """
                CREATE OR REPLACE FUNCTION \(table)_wait() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN PERFORM pg_sleep(\(seconds)); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON \(table) DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION \(table)_wait()
                """)
    }

    @Test(.timeLimit(.minutes(2)))
    func `a commit whose answer is lost is an error of its own, never retried`() async throws {
        try await self.withTable("unknown") { observer, table in
            try await self.makeCommitsSlow(observer, table, seconds: 600)
            try await withConnection { connection in
                let process = try await connection.processID()
                var attempts = 0
                async let ended: Void = {
                    try await eventually {
                        try await observer.cell(
                            "SELECT count(*) FROM pg_stat_activity WHERE pid = \(process) AND query = 'COMMIT' AND state = 'active'",
                            as: Int.self) == 1
                    }
                    try await observer.query("SELECT pg_terminate_backend(\(process))")
                }()
                let error = try await pqError {
                    try await connection.withTransaction(retrying: 5) {
                        attempts += 1
                        try await $0.query(PQQuery(unsafeSQL: "INSERT INTO \(table) VALUES (3, 0)"))
                    }
                }
                try await ended
                #expect(error.code == .commitUnknown && !error.isSafeToRetry && attempts == 1, "\(error)")
                #expect(error.sqlState == .adminShutdown)
            }
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a transaction whose commit is unknown may be committed`() async throws {
        try await self.withTable("committed") { observer, table in
            try await self.makeCommitsSlow(observer, table, seconds: 0.5)
            try await withConnection(to: .tcp) { connection in
                let process = try await connection.processID()
                async let ended: Void = {
                    try await eventually {
                        try await observer.cell(
                            "SELECT count(*) FROM pg_stat_activity WHERE pid = \(process) AND query = 'COMMIT' AND state = 'active'",
                            as: Int.self) == 1
                    }
                    await connection.cutOff()
                }()
                let error = try await pqError {
                    try await connection.withTransaction {
                        try await $0.query(PQQuery(unsafeSQL: "INSERT INTO \(table) VALUES (3, 0)"))
                    }
                }
                try await ended
                #expect(error.code == .commitUnknown && !error.isSafeToRetry, "\(error)")
                try await eventually {
                    try await observer.cell(PQQuery(unsafeSQL: "SELECT count(*) FROM \(table)"), as: Int.self) == 3
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a connection that is lost before the commit leaves no doubt`() async throws {
        try await withConnection { observer in
            try await withConnection { connection in
                let process = try await connection.processID()
                let error = try await pqError {
                    try await connection.withTransaction(retrying: 5) { connection in
                        try await connection.query("SELECT 1")
                        try await observer.query("SELECT pg_terminate_backend(\(process))")
                        try await eventually { await !connection.isOpen }
                    }
                }
                #expect(error.code == .connectionClosed, "\(error)")
            }
        }
    }
}

extension PQConnection {
    /// Ends the client's side of the connection, as a broken network would.
    fileprivate func cutOff() { shutdown(self.source.descriptor, Int32(SHUT_RDWR)) }
}

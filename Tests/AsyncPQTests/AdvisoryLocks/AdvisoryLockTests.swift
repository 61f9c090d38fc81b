//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import TestSupport
import Testing

@Suite("Advisory locks", .sharesTheMachine)
struct AdvisoryLockTests {
    private struct Enough: Error {}

    /// The advisory locks that a connection holds, as kind of key and mode.
    private func locks(_ connection: PQConnection) async throws -> [String] {
        try await connection.query(
            """
            SELECT concat_ws(' ', classid, objid, objsubid, mode) FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid() ORDER BY 1
            """
        ).decode(String.self)
    }

    @Test func `keys of every kind are locked while the body runs, and are the server's keys`() async throws {
        try await withConnection { connection in
            let keys: [(PQAdvisoryLockKey, String)] = [
                (7001, "0 7001 1"), (-1, "4294967295 4294967295 1"), (.init(7, -2), "7 4294967294 2"),
                // FNV-1a of "a": AF63DC4C8601EC8C.
                ("a", "2942557260 2248273036 1"),
            ]
            for (key, expected) in keys {
                let held = try await connection.withAdvisoryLock(key) { try await self.locks($0) }
                #expect(held == ["\(expected) ExclusiveLock"])
                let shared = try await connection.withAdvisoryLock(key, mode: .shared) { try await self.locks($0) }
                #expect(shared == ["\(expected) ShareLock"])
                let left1 = try await self.locks(connection)
                #expect(left1 == [])
            }
            let text: PQAdvisoryLockKey = ""
            #expect(text.description == "-3750763034362895579")
            #expect(PQAdvisoryLockKey("caf\u{E9}") != PQAdvisoryLockKey("cafe\u{301}"))
        }
    }

    @Test func `another session waits, or is told at once that the lock is held`() async throws {
        try await withConnection { connection in
            try await withConnection { other in
                let task = try await connection.withAdvisoryLock(7002) { _ in
                    let ran = try await other.withAdvisoryLockIfFree(7002) { _ in true }
                    #expect(ran == nil)
                    let shared = try await other.withAdvisoryLockIfFree(7002, mode: .shared) { _ in true }
                    #expect(shared == nil)
                    let process = try await other.processID()
                    let task = Task { try await other.withAdvisoryLock(7002) { _ in 5 } }
                    try await eventually {
                        try await connection.cell(
                            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid = \(process)",
                            as: Int.self) == 1
                    }
                    return task
                }
                let value = try await task.value
                #expect(value == 5)
                let both = try await connection.withAdvisoryLock(7002, mode: .shared) { _ in
                    try await other.withAdvisoryLockIfFree(7002, mode: .shared) { _ in true }
                }
                #expect(both == true)
            }
        }
    }

    @Test func `a body that throws, and a cancelled task, release the lock`() async throws {
        try await withConnection { connection in
            await #expect(throws: Enough.self) {
                try await connection.withAdvisoryLock(7003) { _ in throw Enough() }
            }
            let left2 = try await self.locks(connection)
            #expect(left2 == [])
            for _ in 0..<20 {
                let task = Task {
                    try await connection.withAdvisoryLock(7003) { connection in
                        withUnsafeCurrentTask { $0?.cancel() }
                        try await connection.query("SELECT pg_sleep(60)")
                    }
                }
                await #expect(throws: CancellationError.self) { try await task.value }
                let left3 = try await self.locks(connection)
                #expect(left3 == [])
            }
            #expect(await connection.isOpen)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `tasks cancelled at random moments leave no lock`() async throws {
        try await withConnection { connection in
            try await withConnection { holder in
                try await holder.query("SELECT pg_advisory_lock(7004)")
                var generator = SeededGenerator(seed: 7)
                for round in 0..<200 {
                    let key: PQAdvisoryLockKey = round % 2 == 0 ? 7004 : 7005
                    let task = Task { try await connection.withAdvisoryLock(key) { _ in round } }
                    try? await Task.sleep(for: .microseconds(Int64.random(in: 0..<3000, using: &generator)))
                    task.cancel()
                    _ = await task.result
                    let held = try await self.locks(connection)
                    #expect(held == [], "round \(round)")
                }
                #expect(await connection.isOpen)
            }
        }
    }

    @Test func `a lock that is not released closes the connection`() async throws {
        try await withConnection { connection in
            // In a failed transaction nothing can be released.
            await #expect(throws: PQError.self) {
                try await connection.withTransaction { connection in
                    try await connection.withAdvisoryLock(7006) { try await $0.query("SELECT 1/0") }
                }
            }
            #expect(await !connection.isOpen)
        }
        try await withConnection { connection in
            let error = try await pqError {
                try await connection.withAdvisoryLock(7006) { try await $0.query("SELECT pg_advisory_unlock_all()") }
            }
            #expect(error.message.contains("7006") && error.message.contains("released"))
            #expect(await !connection.isOpen)
        }
    }

    @Test func `a lock of a transaction ends with it`() async throws {
        try await withConnection { connection in
            let outside = try await pqError { try await connection.lockForTransaction(7007) }
            #expect(outside.message.contains("withTransaction"))
            try await connection.withTransaction { connection in
                try await connection.lockForTransaction(7007)
                let again = try await connection.tryLockForTransaction(.init(7, 7), mode: .shared)
                #expect(again)
                let held = try await self.locks(connection)
                #expect(held == ["0 7007 1 ExclusiveLock", "7 7 2 ShareLock"])
                let elsewhere = try await withConnection { other in
                    try await other.withTransaction { try await $0.tryLockForTransaction(7007) }
                }
                #expect(!elsewhere)
            }
            let left4 = try await self.locks(connection)
            #expect(left4 == [])
            #expect(connection.leftBehind == [])
        }
    }

    @Test func `a lock that outlives its lease is released by the reset`() async throws {
        try await withConnection { connection in
            let leased = connection.leased()
            let begun = AsyncStream<Void>.makeStream()
            let over = AsyncStream<Void>.makeStream()
            let task = Task {
                try await leased.withAdvisoryLock(7008) { _ in
                    begun.continuation.finish()
                    for await _ in over.stream {}
                }
            }
            for await _ in begun.stream {}
            let changes = leased.endLease()
            #expect(changes.contains(.state))
            await connection.settle(resets: true)
            let left5 = try await self.locks(connection)
            #expect(left5 == [])
            over.continuation.finish()
            let error = try await pqError { try await task.value }
            #expect(error.code == .leaseEnded)
            #expect(await connection.isOpen, "the next lease is not disturbed")
        }
    }
}

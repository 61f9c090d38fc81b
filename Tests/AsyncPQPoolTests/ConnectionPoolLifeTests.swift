//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Synchronization
import TestSupport
import Testing

@testable import AsyncPQPool

@Suite("The pool's shell, with connections")
struct ConnectionPoolLifeTests {
    @Test(.timeLimit(.minutes(1)))
    func `one connection serves one caller after another`() async throws {
        let fake = try PoolOnFake()
        try await withRunning(fake.pool) {
            for _ in 0..<50 {
                let lease = try await fake.pool.acquire()
                _ = try await lease.connection.query("SELECT 1")
                fake.pool.release(lease, reusable: true)
            }
            #expect(fake.server.logins == 1)
            #expect(fake.pool.statistics.totals.opened == 1 && fake.pool.statistics.totals.acquired == 50)
        }
        #expect(await fake.stillOpen == 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a crowd shares a few connections and nobody is forgotten`() async throws {
        let fake = try PoolOnFake(PQPoolConfiguration(maximumConnections: 3))
        try await withRunning(fake.pool) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        for _ in 0..<5 {
                            let lease = try await fake.pool.acquire()
                            _ = try await lease.connection.query("SELECT 1")
                            fake.pool.release(lease, reusable: true)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(fake.server.logins <= 3)
            #expect(fake.pool.statistics.leased == 0 && fake.pool.statistics.waiting == 0)
        }
        #expect(await fake.stillOpen == 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `when run() is cancelled everything is closed, idle and leased`() async throws {
        let fake = try PoolOnFake()
        let held = try await withRunning(fake.pool) {
            let leases = [try await fake.pool.acquire(), try await fake.pool.acquire(), try await fake.pool.acquire()]
            fake.pool.release(leases[0], reusable: true)
            #expect(await fake.stillOpen == 3)
            return leases
        }
        #expect(await fake.stillOpen == 0)
        #expect(fake.pool.statistics.size == 0)
        for lease in held { fake.pool.release(lease, reusable: true) }
        #expect(fake.pool.statistics.size == 0)
        #expect(await becomesTrue { fake.server.openCount == 0 })
    }

    @Test(.timeLimit(.minutes(1)))
    func `draining waits for what is leased and closes it`() async throws {
        let fake = try PoolOnFake()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await fake.pool.run() }
            guard let lease = try? await fake.pool.acquire() else {
                Issue.record("no connection")
                return
            }
            fake.pool.drain()
            let rows = try? await lease.connection.query("SELECT 1")
            #expect(rows?.count == 1)
            fake.pool.release(lease, reusable: true)
        }
        #expect(await fake.stillOpen == 0)
    }

    @Test(.timeLimit(.minutes(1)), arguments: [false, true])
    func `draining does not wait for a connection that no caller would get`(isForCaller: Bool) async throws {
        let (begun, begin) = AsyncStream<Never>.makeStream()
        let pool = ConnectionPool(
            configuration: PQPoolConfiguration(
                minimumConnections: isForCaller ? 0 : 1, acquireTimeout: .seconds(3600), drainTimeout: .seconds(3600)),
            logger: LogStore().logger
        ) {
            begin.finish()
            try await Task.sleep(for: .seconds(3600))
            throw PQError(.connectionFailed, "never")
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await pool.run() }
            let caller = isForCaller ? Task { _ = try await pool.acquire() } : nil
            for await _ in begun {}
            pool.drain()
            if let caller {
                #expect(pool.statistics.waiting == 1)
                caller.cancel()
                await #expect(throws: CancellationError.self) { try await caller.value }
            }
        }
        #expect(pool.statistics.size == 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `draining ends at its limit whatever ticks come before`() async throws {
        // The tick of the idle connection comes first, and with nothing idle it asks for no other.
        let fake = try PoolOnFake(
            PQPoolConfiguration(idleTimeout: .milliseconds(40), drainTimeout: .milliseconds(200)))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await fake.pool.run() }
            let leases = [try? await fake.pool.acquire(), try? await fake.pool.acquire()].compactMap { $0 }
            #expect(leases.count == 2)
            if let first = leases.first { fake.pool.release(first, reusable: true) }
            fake.pool.drain()
        }
        #expect(await fake.stillOpen == 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `connections close when they idled long enough`() async throws {
        let fake = try PoolOnFake(PQPoolConfiguration(idleTimeout: .milliseconds(30)))
        try await withRunning(fake.pool) {
            let leases = [try await fake.pool.acquire(), try await fake.pool.acquire()]
            for lease in leases { fake.pool.release(lease, reusable: true) }
            #expect(await becomesTrue { fake.server.openCount == 0 })
            #expect(fake.pool.statistics.size == 0 && fake.pool.statistics.totals.lost == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `connections are replaced at the end of their life, idle ones too`() async throws {
        let fake = try PoolOnFake(PQPoolConfiguration(minimumConnections: 1, maximumAge: .milliseconds(40)))
        try await withRunning(fake.pool) {
            #expect(await becomesTrue { fake.server.logins >= 4 })
            #expect(fake.pool.statistics.size <= 2, "one and its replacement")
        }
        #expect(await fake.stillOpen == 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `at the end of its life a connection is replaced before it goes`() async throws {
        let fake = try PoolOnFake(
            PQPoolConfiguration(minimumConnections: 2, connectTimeout: .seconds(1), maximumAge: .milliseconds(600)))
        try await withRunning(fake.pool) {
            #expect(await becomesTrue { fake.pool.statistics.idle == 2 })
            var most = 0
            #expect(
                await becomesTrue {
                    most = max(most, fake.server.openCount)
                    return fake.server.logins >= 8 && most >= 3
                }, "a third one while two are kept")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `the minimum is filled up at once after a connection was thrown away`() async throws {
        let fake = try PoolOnFake(PQPoolConfiguration(minimumConnections: 1, maximumConnections: 1))
        try await withRunning(fake.pool) {
            let lease = try await fake.pool.acquire()
            fake.pool.release(lease, reusable: false)
            #expect(await becomesTrue { fake.pool.statistics.idle == 1 && fake.server.logins == 2 })
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a server that hangs up is noticed, and the next caller gets a new connection`() async throws {
        let fake = try PoolOnFake()
        try await withRunning(fake.pool) {
            let leases = [try await fake.pool.acquire(), try await fake.pool.acquire()]
            for lease in leases { fake.pool.release(lease, reusable: true) }
            fake.server.hangUp()
            #expect(await becomesTrue { fake.pool.statistics.size == 0 })
            #expect(fake.pool.statistics.totals.lost >= 1)
            let lease = try await fake.pool.acquire()
            #expect(try await lease.connection.query("SELECT 1").count == 1)
            fake.pool.release(lease, reusable: true)
        }
        #expect(await fake.stillOpen == 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a connection that fails its liveness check is replaced without the caller noticing`() async throws {
        let fake = try PoolOnFake(
            PQPoolConfiguration(livenessCheckAfter: .zero, livenessCheckTimeout: .milliseconds(50)))
        try await withRunning(fake.pool) {
            fake.pool.release(try await fake.pool.acquire(), reusable: true)
            fake.server.fallSilent()
            let lease = try await fake.pool.acquire()
            #expect(try await lease.connection.query("SELECT 1").count == 1)
            fake.pool.release(lease, reusable: true)
            #expect(fake.server.logins == 2 && fake.pool.statistics.totals.lost == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a shutdown during the liveness check refuses the caller instead of forgetting it`() async throws {
        let fake = try PoolOnFake(
            PQPoolConfiguration(
                livenessCheckAfter: .zero, livenessCheckTimeout: .milliseconds(300), drainTimeout: .milliseconds(10)))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await fake.pool.run() }
            if let lease = try? await fake.pool.acquire() { fake.pool.release(lease, reusable: true) }
            fake.server.fallSilent()
            group.addTask {
                await #expect { _ = try await fake.pool.acquire() } throws: {
                    ($0 as? PQPoolError)?.reason == .shutDown
                }
            }
            #expect(await becomesTrue { fake.pool.statistics.leased == 1 })
            fake.pool.drain()
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a caller cancelled before its liveness check leaves the other connections alone`() async throws {
        let fake = try PoolOnFake(PQPoolConfiguration(livenessCheckAfter: .zero))
        try await withRunning(fake.pool) {
            let leases = [try await fake.pool.acquire(), try await fake.pool.acquire()]
            for lease in leases { fake.pool.release(lease, reusable: true) }
            await withTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask {
                    await #expect(throws: CancellationError.self) { _ = try await fake.pool.acquire() }
                }
            }
            #expect(fake.pool.statistics.idle == 1 && fake.pool.statistics.leased == 0)
            #expect(fake.pool.statistics.totals.lost == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `many callers with short patience and cancellations leave nothing behind`() async throws {
        let fake = try PoolOnFake(
            PQPoolConfiguration(maximumConnections: 2, acquireTimeout: .milliseconds(5), livenessCheckAfter: .zero))
        try await withRunning(fake.pool) {
            for round in 0..<20 {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<30 {
                        group.addTask {
                            guard let lease = try? await fake.pool.acquire() else { return }
                            _ = try? await lease.connection.query("SELECT 1")
                            fake.pool.release(lease, reusable: true)
                        }
                    }
                    if round % 2 == 0 { group.cancelAll() }
                    if round % 5 == 0 { fake.server.hangUp() }
                }
            }
            #expect(
                await becomesTrue {
                    let statistics = fake.pool.statistics
                    return statistics.leased == 0 && statistics.waiting == 0 && statistics.connecting == 0
                })
            #expect(fake.pool.shared.withLock { $0.callers.isEmpty })
            #expect(fake.pool.shared.withLock { $0.ticks.count } < 20, "ticks do not pile up")
        }
        #expect(await fake.stillOpen == 0)
    }
}

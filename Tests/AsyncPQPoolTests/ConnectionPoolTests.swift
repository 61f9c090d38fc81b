//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import TestSupport
import Testing

@testable import AsyncPQPool

@Suite("The pool's shell, without a server")
struct ConnectionPoolTests {
    private struct NoServer: Error, CustomStringConvertible {
        var description: String { "no server today" }
    }

    private func pool(
        _ configuration: PQPoolConfiguration = PQPoolConfiguration(),
        open: @escaping @Sendable () async throws -> PQConnection = {
            try await Task.sleep(for: .seconds(3600))
            throw NoServer()
        }
    ) -> ConnectionPool {
        ConnectionPool(configuration: configuration, logger: LogStore().logger, open: open)
    }

    private func failure(_ body: () async throws -> Void) async -> (any Error)? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a hopeless attempt fails all who wait with its own error`() async throws {
        let pool = self.pool { throw NoServer() }
        try await withRunning(pool) {
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { await self.failure { _ = try await pool.acquire() } is NoServer } }
                for await isRight in group { #expect(isRight) }
            }
            #expect(pool.statistics.size == 0 && pool.statistics.waiting == 0)
            #expect(pool.statistics.totals.failedToOpen >= 1)
            #expect(pool.statistics.totals.acquired == 20)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a caller who waited too long is told what the pool does`() async throws {
        let pool = self.pool(PQPoolConfiguration(acquireTimeout: .milliseconds(30)))
        try await withRunning(pool) {
            let error = await self.failure { _ = try await pool.acquire() } as? PQPoolError
            #expect(error?.reason == .timedOut(after: .milliseconds(30)))
            #expect(
                "\(error as Any)".contains(
                    "no connection became free within 0.03 seconds: 1 open (0 in use, 0 idle, 1 connecting), 0 waiting"
                ))
            #expect(pool.statistics.totals.timedOut == 1)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a caller gives up in time also when nobody runs the pool`() async throws {
        let pool = self.pool(PQPoolConfiguration(acquireTimeout: .milliseconds(30)))
        let error = await self.failure { _ = try await pool.acquire() } as? PQPoolError
        #expect(error?.reason == .timedOut(after: .milliseconds(30)) && error?.isRunning == false)
        #expect(error?.description.contains("run()") == true)
        #expect(pool.statistics.waiting == 0 && pool.statistics.totals.timedOut == 1)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a cancelled caller leaves the line, whether the pool runs or not`() async throws {
        let pool = self.pool()
        func cancelOne() async {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    #expect(await self.failure { _ = try await pool.acquire() } is CancellationError)
                }
                #expect(await becomesTrue { pool.statistics.waiting == 1 })
                group.cancelAll()
            }
            #expect(pool.statistics.waiting == 0)
        }
        await cancelOne()
        try await withRunning(pool) { await cancelOne() }
        #expect(pool.statistics.totals.timedOut == 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a caller who is cancelled already never stands in line`() async throws {
        let pool = self.pool()
        await withTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask { #expect(await self.failure { _ = try await pool.acquire() } is CancellationError) }
        }
        #expect(pool.statistics.size == 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a full line refuses at once`() async throws {
        let pool = self.pool(PQPoolConfiguration(maximumWaiters: 1))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await pool.acquire() }
            #expect(await becomesTrue { pool.statistics.waiting == 1 })
            let error = await self.failure { _ = try await pool.acquire() } as? PQPoolError
            #expect(error?.reason == .queueFull)
            #expect(error?.description.contains("1 waiting") == true)
            group.cancelAll()
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `the end of run() fails who waits, and who comes later`() async throws {
        let pool = self.pool()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                let error = await self.failure { _ = try await pool.acquire() } as? PQPoolError
                #expect(error?.reason == .shutDown)
            }
            #expect(await becomesTrue { pool.statistics.waiting == 1 })
            await withTaskGroup(of: Void.self) { running in
                running.addTask { await pool.run() }
                running.cancelAll()
            }
            let error = await self.failure { _ = try await pool.acquire() } as? PQPoolError
            #expect(error?.reason == .shutDown)
            #expect(pool.statistics.size == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `draining an unused pool ends run(), before or while it runs`() async {
        let early = self.pool()
        early.drain()
        await early.run()
        let late = self.pool()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await late.run() }
            group.addTask { late.drain() }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `draining gives up on a connection that never comes`() async {
        let pool = self.pool(PQPoolConfiguration(drainTimeout: .milliseconds(50)))
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                let error = await self.failure { _ = try await pool.acquire() } as? PQPoolError
                #expect(error?.reason == .shutDown)
            }
            #expect(await becomesTrue { pool.statistics.waiting == 1 })
            group.addTask { await pool.run() }
            pool.drain()
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a server that refuses is not asked for the minimum in a tight loop`() async throws {
        let pool = self.pool(PQPoolConfiguration(minimumConnections: 2)) { throw NoServer() }
        try await withRunning(pool) {
            #expect(await becomesTrue { pool.statistics.totals.failedToOpen == 2 })
            // Every caller's own attempt fails too, and none of them sets off more.
            for _ in 0..<50 { #expect(await self.failure { _ = try await pool.acquire() } is NoServer) }
            #expect(pool.statistics.totals.failedToOpen <= 60)
        }
    }
}

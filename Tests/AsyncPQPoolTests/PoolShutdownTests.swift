//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQPool

@Suite("The pool's machine: the end")
struct PoolShutdownTests {
    @Test func `draining closes what is idle and is over at once when nothing is leased`() {
        var pool = PoolDriver(PQPoolConfiguration(minimumConnections: 2))
        let open = pool.open(2)
        #expect(!pool.machine.isDrained)
        #expect(Set(pool.machine.drain()) == Set(open.map(PoolDriver.name)))
        #expect(pool.machine.isDrained)
        #expect(pool.machine.drain() == [])
        #expect(pool.tick() == .init(), "the minimum is not filled up any more")
    }

    @Test func `draining refuses newcomers, also those with a dead connection`() {
        var pool = PoolDriver()
        let id = pool.open(1)[0]
        _ = pool.acquire(1)
        _ = pool.machine.drain()
        #expect(pool.acquire(2) == .reject(.shutDown))
        #expect(pool.machine.leaseIdle(now: pool.start) == nil)
        _ = pool.lost(id)
        #expect(pool.machine.isDrained)
        #expect(pool.acquireAgain(1) == .reject(.shutDown), "nobody would open one for it")
        #expect(pool.machine.isDrained)
    }

    @Test func `draining serves those in line and ends when all are back`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 1))
        _ = pool.acquire(1)
        _ = pool.connected(1)
        _ = pool.acquire(2)
        #expect(pool.machine.drain() == [])
        #expect(pool.release(1) == .handOff(to: 2, check: false, connect: nil))
        #expect(!pool.machine.isDrained)
        #expect(pool.release(1) == .close(connect: nil))
        #expect(pool.machine.isDrained)
    }

    @Test func `while draining a connection is still opened for those in line, and closed without them`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 2))
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        _ = pool.machine.drain()
        #expect(pool.connected(1) == .handOff(to: 1, check: false, connect: nil))
        #expect(pool.release(1, reusable: false) == .close(connect: nil), "the other is under way")
        #expect(pool.lost(2) == .init(connect: 3))
        #expect(pool.cancel(2) == true)
        #expect(!pool.machine.isDrained && pool.machine.hasOnlyUnwantedAttempts)
        #expect(pool.connected(3) == .close(connect: nil))
        #expect(pool.machine.isDrained)
    }

    @Test func `while draining an attempt to connect is wanted by those in line only`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 2))
        _ = pool.acquire(1)
        #expect(!pool.machine.hasOnlyUnwantedAttempts, "the pool is not draining")
        _ = pool.machine.drain()
        #expect(!pool.machine.hasOnlyUnwantedAttempts)
        #expect(pool.cancel(1) == true)
        #expect(pool.machine.hasOnlyUnwantedAttempts)
    }

    @Test func `a failure while draining fails those in line and ends it`() {
        var pool = PoolDriver()
        _ = pool.acquire(1)
        _ = pool.machine.drain()
        #expect(pool.connectFailed(1) == [1])
        #expect(pool.machine.isDrained)
    }

    @Test func `giving up closes everything and fails everyone`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 3))
        let open = pool.open(2)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        for waiter in 3...5 { _ = pool.acquire(waiter) }
        let (close, waiters) = pool.machine.abandon()
        #expect(Set(close) == Set(open.map(PoolDriver.name)))
        #expect(waiters.map(\.number) == [3, 4, 5])
        #expect(pool.machine.isDrained)
        #expect(pool.counts == [0, 0, 0, 0, 0])
        // What was under way comes too late.
        #expect(pool.release(open[0]) == .ignore)
        #expect(pool.connected(3) == .close(connect: nil))
        #expect(pool.connectFailed(3) == [])
        #expect(pool.acquire(6) == .reject(.shutDown))
        #expect(pool.acquireAgain(7) == .reject(.shutDown))
        #expect(pool.counts == [0, 0, 0, 0, 0])
        #expect(pool.tick() == .init())
    }
}

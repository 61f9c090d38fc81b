//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQPool

@Suite("The pool's machine: time")
struct PoolTimeTests {
    @Test func `nothing is due in an empty pool`() {
        var pool = PoolDriver()
        #expect(pool.tick() == .init())
    }

    @Test func `callers give up at their time and not before`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 1))
        _ = pool.acquire(1)
        _ = pool.acquire(2, at: .seconds(5))
        #expect(pool.tick(at: .milliseconds(29_999)) == .init(next: .seconds(30)))
        #expect(pool.tick(at: .seconds(30)) == .init(timedOut: [1], next: .seconds(35)))
        #expect(pool.tick(at: .seconds(35)) == .init(timedOut: [2]))
        #expect(pool.cancel(2) == false)
        #expect(pool.connected(1, at: .seconds(36)) == .park(until: .seconds(86)))
    }

    @Test func `who idled too long is closed, the longest first, down to the minimum`() {
        var pool = PoolDriver(PQPoolConfiguration(minimumConnections: 1, idleTimeout: .seconds(50)))
        let open = pool.open(3)
        #expect(pool.acquire(1, at: .seconds(10)) == .lease(open[2], check: false))
        _ = pool.release(open[2], at: .seconds(10))
        #expect(pool.tick(at: .milliseconds(49_999)) == .init(next: .seconds(50)))
        #expect(
            pool.tick(at: .seconds(50))
                == .init(close: [open[0], open[1]].map(PoolDriver.name), next: .seconds(2690)))
        #expect(pool.tick(at: .seconds(1000)) == .init(next: .seconds(2690)), "the minimum idles on")
    }

    @Test func `without a minimum an idle pool closes everything`() {
        var pool = PoolDriver()
        _ = pool.open(2)
        #expect(pool.tick(at: .seconds(50)).close.count == 2)
        #expect(pool.counts == [0, 0, 0, 0, 0])
        #expect(pool.tick(at: .seconds(50)) == .init())
    }

    @Test func `what is too old is closed also when the minimum needs it, and is replaced`() {
        var pool = PoolDriver(PQPoolConfiguration(minimumConnections: 1))
        _ = pool.tick()
        #expect(pool.connected(1, retiresAt: .seconds(40)) == .park(until: .seconds(40)))
        #expect(pool.tick(at: .seconds(29)) == .init(next: .seconds(30)))
        // It lives on while its replacement is being opened, and no longer than that is tried.
        #expect(pool.tick(at: .seconds(30)) == .init(connect: [2]))
        #expect(pool.tick(at: .seconds(40)) == .init())
        #expect(pool.connectFailed(2, at: .seconds(41)) == [])
        #expect(pool.tick(at: .seconds(41)).close == ["c1"])
    }

    @Test func `the end of a connection's life is due before the end of its idleness`() {
        var pool = PoolDriver()
        _ = pool.acquire(1)
        _ = pool.connected(1, retiresAt: .seconds(60))
        #expect(pool.release(1, at: .seconds(20)) == .park(until: .seconds(60)))
    }

    @Test func `the minimum is opened at the start, beside what callers need`() {
        var pool = PoolDriver(PQPoolConfiguration(minimumConnections: 6, maximumConnections: 8))
        _ = pool.acquire(1)
        #expect(pool.tick() == .init(connect: [2, 3, 4, 5, 6], next: .seconds(30)))
        #expect(pool.tick() == .init(next: .seconds(30)))
    }

    @Test func `the minimum is filled up after a connection was closed`() {
        var pool = PoolDriver(PQPoolConfiguration(minimumConnections: 1))
        _ = pool.tick()
        _ = pool.connected(1)
        _ = pool.acquire(1)
        #expect(pool.release(1, reusable: false) == .close(connect: nil))
        #expect(pool.tick().connect == [2])
    }
}

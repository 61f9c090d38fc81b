//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQPool

@Suite("The pool's machine: interventions and deadlines")
struct PoolAdministrationTests {
    // MARK: Pausing

    @Test func `a paused pool leases and opens nothing, and keeps what comes back`() {
        var pool = PoolDriver(PQPoolConfiguration(minimumConnections: 2))
        let open = pool.open(2)
        _ = pool.acquire(1)
        pool.machine.pause()
        #expect(pool.acquire(2) == .wait(connect: nil, until: .seconds(30)))
        #expect(pool.release(open[1]) == .park(until: .seconds(50)))
        #expect(pool.lost(open[0]).connect == nil)
        #expect(pool.tick(at: .seconds(2)).connect == [])
    }

    @Test func `after a pause those who wait are served in their order, and more is opened`() {
        var pool = PoolDriver()
        let open = pool.open(2)
        pool.machine.pause()
        for waiter in 1...4 { #expect(pool.acquire(waiter) == .wait(connect: nil, until: .seconds(30))) }
        #expect(pool.resume() == .init(handOff: [1: open[1], 2: open[0]], connect: [3, 4]))
        #expect(pool.counts == [4, 0, 2, 2, 2])
        #expect(pool.resume() == .init(), "a second time changes nothing")
    }

    @Test func `what idled through a long pause is checked before it is leased`() {
        var pool = PoolDriver(PQPoolConfiguration(idleTimeout: .seconds(100)))
        let id = pool.open(1)[0]
        pool.machine.pause()
        _ = pool.acquire(1, at: .seconds(20))
        #expect(pool.resume(at: .seconds(40)) == .init(handOff: [1: id], checked: [id]))
    }

    @Test func `who waits in a pause gives up in time, and a pause tells nobody that it ended in vain`() {
        var pool = PoolDriver()
        _ = pool.open(1)
        pool.machine.pause()
        _ = pool.acquire(1)
        #expect(pool.tick(at: .seconds(30)).timedOut == [1])
        #expect(pool.resume(at: .seconds(31)) == .init())
        #expect(pool.counts == [1, 1, 0, 0, 0])
    }

    // MARK: Resizing

    @Test func `a larger maximum serves those who wait at once`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 1))
        for waiter in 1...3 { _ = pool.acquire(waiter) }
        #expect(pool.counts == [1, 0, 0, 1, 3])
        #expect(pool.resize(0...3) == .init(connect: [2, 3]))
    }

    @Test func `a smaller maximum closes the least recently used at once and leased ones at their return`() {
        var pool = PoolDriver()
        let open = pool.open(4)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        #expect(pool.resize(0...1) == .init(close: [PoolDriver.name(open[0]), PoolDriver.name(open[1])]))
        #expect(pool.release(open[2]) == .close(connect: nil))
        #expect(pool.release(open[3]) == .park(until: .seconds(50)))
        #expect(pool.counts == [1, 1, 0, 0, 0])
    }

    @Test func `a smaller maximum closes what was being opened beyond it`() {
        var pool = PoolDriver()
        for waiter in 1...3 { _ = pool.acquire(waiter) }
        _ = pool.resize(0...1)
        #expect(pool.connected(1) == .close(connect: nil))
        #expect(pool.connected(2) == .close(connect: nil))
        #expect(pool.connected(3) == .handOff(to: 1, check: false, connect: nil))
        #expect(pool.release(3) == .handOff(to: 2, check: false, connect: nil))
    }

    @Test func `a larger minimum is filled up at once`() {
        var pool = PoolDriver()
        #expect(pool.resize(2...10) == .init(connect: [1, 2]))
    }

    // MARK: Replacing all

    @Test func `all are replaced, leased ones at their return`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 2))
        let open = pool.open(2)
        _ = pool.acquire(1)
        let (action, leased) = pool.machine.retireAll(now: pool.start)
        #expect(action.close == [PoolDriver.name(open[0])])
        #expect(leased.map(\.number) == [open[1]])
        #expect(pool.release(open[1]) == .close(connect: 3), "it was in use, so another one takes its place")
        #expect(pool.connected(3) == .park(until: .seconds(50)))
    }

    // MARK: Deadlines

    @Test func `nothing is leased to a caller whose deadline has passed`() {
        var pool = PoolDriver()
        _ = pool.open(1)
        pool.patience = .zero
        #expect(pool.acquire(1) == .reject(.tooLate))
        #expect(pool.acquireAgain(2, deadline: .seconds(1), at: .seconds(1)) == .reject(.tooLate))
        #expect(pool.counts == [1, 1, 0, 0, 0])
    }

    @Test func `a connection that comes back passes over those whose deadline has passed`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 1))
        _ = pool.acquire(0)
        _ = pool.connected(1)
        pool.patience = .seconds(1)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        pool.patience = .seconds(10)
        _ = pool.acquire(3)
        // The tick that is due at one second is late.
        #expect(pool.release(1, at: .seconds(1)) == .handOff(to: 3, check: false, connect: nil))
        #expect(pool.machine.takeExpired().map(\.number) == [1, 2])
        #expect(pool.machine.takeExpired() == [])
        #expect(pool.tick(at: .seconds(1)).timedOut == [], "they were told")
        #expect(pool.cancel(1) == false)
    }

    @Test func `with nothing open any more the pause between attempts keeps nobody waiting`() {
        var pool = PoolDriver()
        _ = pool.acquire(1)
        _ = pool.connected(1)
        _ = pool.acquire(2)
        _ = pool.connectFailed(2)
        #expect(pool.tick().connect == [], "a pause, while the other may come back")
        #expect(pool.lost(1, at: .milliseconds(100)).connect == 3)
    }

    @Test func `a leased connection that is replaced is not leased again while its replacement is being opened`() {
        var pool = PoolDriver()
        let ids = pool.open(1)
        #expect(pool.acquire(1) == .lease(ids[0], check: false))
        _ = pool.rearrange { machine, now in machine.retireAll(now: now).action }
        #expect(pool.tick().connect.count == 1)
        #expect(pool.release(ids[0]) == .close(connect: nil))
        #expect(pool.machine.closing == [.init(number: ids[0]): .replaced])
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQPool

@Suite("The pool's machine: leasing")
struct PoolLeaseTests {
    @Test func `the first caller has a connection opened and gets it`() {
        var pool = PoolDriver()
        #expect(pool.acquire(1) == .wait(connect: 1, until: .seconds(30)))
        #expect(pool.counts == [1, 0, 0, 1, 1])
        #expect(pool.connected(1) == .handOff(to: 1, check: false, connect: nil))
        #expect(pool.counts == [1, 0, 1, 0, 0])
    }

    @Test func `a connection that comes back is leased again without a check`() {
        var pool = PoolDriver()
        let open = pool.open(1)
        #expect(pool.acquire(1, at: .seconds(29)) == .lease(open[0], check: false))
        #expect(pool.release(open[0], at: .seconds(29)) == .park(until: .seconds(79)))
        #expect(pool.counts == [1, 1, 0, 0, 0])
    }

    @Test func `the most recently used connection is leased first`() {
        var pool = PoolDriver()
        let open = pool.open(3)
        #expect(pool.acquire(1) == .lease(open[2], check: false))
        #expect(pool.acquire(2) == .lease(open[1], check: false))
        _ = pool.release(open[2])
        #expect(pool.acquire(3) == .lease(open[2], check: false))
    }

    @Test func `a connection that comes back goes to the first in line`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 1))
        _ = pool.acquire(1)
        _ = pool.connected(1)
        for waiter in 2...4 { #expect(pool.acquire(waiter) == .wait(connect: nil, until: .seconds(30))) }
        for waiter in 2...4 { #expect(pool.release(1) == .handOff(to: waiter, check: false, connect: nil)) }
        #expect(pool.release(1) == .park(until: .seconds(50)))
    }

    @Test func `never more connections than the maximum`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 3))
        var opened = 0
        for waiter in 0..<20 { if case .wait(_?, _) = pool.acquire(waiter) { opened += 1 } }
        #expect(opened == 3)
        for id in 1...3 { #expect(pool.connected(id) == .handOff(to: id - 1, check: false, connect: nil)) }
        #expect(pool.tick().connect == [])
        #expect(pool.counts == [3, 0, 3, 0, 17])
    }

    @Test func `the line is bounded`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 1, maximumWaiters: 2))
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        #expect(pool.acquire(3) == .reject(.queueFull))
        #expect(pool.counts == [1, 0, 0, 1, 2])
        #expect(pool.cancel(2) == true)
        #expect(pool.acquire(4) == .wait(connect: nil, until: .seconds(30)))
    }

    @Test func `with a line of no places only idle connections are leased`() {
        var pool = PoolDriver(PQPoolConfiguration(minimumConnections: 1, maximumWaiters: 0))
        #expect(pool.acquire(1) == .reject(.queueFull))
        #expect(pool.tick().connect == [1])
        #expect(pool.connected(1) == .park(until: .seconds(50)))
        #expect(pool.acquire(2) == .lease(1, check: false))
    }

    @Test func `a caller who gave up is passed over`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 1))
        for waiter in 1...3 { _ = pool.acquire(waiter) }
        #expect(pool.cancel(1) == true)
        #expect(pool.cancel(1) == false)
        #expect(pool.cancel(99) == false)
        #expect(pool.connected(1) == .handOff(to: 2, check: false, connect: nil))
        #expect(pool.cancel(2) == false)
        #expect(pool.cancel(3) == true)
        #expect(pool.release(1) == .park(until: .seconds(50)))
    }

    @Test func `connections being opened never outnumber those who wait`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 10))
        #expect(pool.acquire(1) == .wait(connect: 1, until: .seconds(30)))
        #expect(pool.cancel(1) == true)
        // The one that is under way will do.
        #expect(pool.acquire(2) == .wait(connect: nil, until: .seconds(30)))
        #expect(pool.acquire(3) == .wait(connect: 2, until: .seconds(30)))
        #expect(pool.tick().connect == [])
    }

    @Test func `a burst of short queries ends with few connections`() {
        // HikariCP's spike test: connecting takes 150 ms, a query 2 ms, and 50 callers come at once.
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 50))
        var opening: [(id: Int, ready: Int)] = []
        var busy: [(id: Int, done: Int)] = []
        var served = 0
        for waiter in 0..<50 {
            if case .wait(let id?, _) = pool.acquire(waiter) { opening.append((id, 150)) }
        }
        var time = 0
        func take(_ answer: PoolDriver.Returned, _ id: Int) {
            guard case .handOff(_, _, let connect) = answer else { return }
            served += 1
            busy.append((id, time + 2))
            if let connect { opening.append((connect, time + 150)) }
        }
        while !opening.isEmpty || !busy.isEmpty {
            time += 1
            for item in opening where item.ready == time {
                take(pool.connected(item.id, at: .milliseconds(time)), item.id)
            }
            opening.removeAll { $0.ready == time }
            let done = busy.filter { $0.done == time }
            busy.removeAll { $0.done == time }
            for item in done { take(pool.release(item.id, at: .milliseconds(time)), item.id) }
        }
        #expect(served == 50)
        #expect(pool.machine.size <= 6)
    }

    @Test func `a connection just opened works down the line for a moment before another is begun`() {
        var pool = PoolDriver()
        for waiter in 1...6 { _ = pool.acquire(waiter) }
        #expect(pool.counts == [4, 0, 0, 4, 6])
        #expect(pool.connected(1, at: .milliseconds(100)) == .handOff(to: 1, check: false, connect: nil))
        #expect(pool.acquire(7, at: .milliseconds(110)) == .wait(connect: nil, until: .milliseconds(125)))
        #expect(pool.tick(at: .milliseconds(110)) == .init(next: .milliseconds(125)))
        #expect(pool.tick(at: .milliseconds(125)).connect == [5])
    }

    @Test func `who comes when nobody waits has a connection opened at once`() {
        var pool = PoolDriver()
        _ = pool.acquire(1)
        _ = pool.connected(1, at: .milliseconds(100))
        #expect(pool.acquire(2, at: .milliseconds(101)) == .wait(connect: 2, until: .milliseconds(30_101)))
    }

    @Test func `long queries get as many connections as they need`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 10))
        var opening: [Int] = []
        for waiter in 0..<10 { if case .wait(let id?, _) = pool.acquire(waiter) { opening.append(id) } }
        while let id = opening.first {
            opening.removeFirst()
            if case .handOff(_, _, let connect?) = pool.connected(id) { opening.append(connect) }
        }
        #expect(pool.counts == [10, 0, 10, 0, 0])
    }

    @Test func `only a spell of idleness calls for a liveness check`() {
        var pool = PoolDriver(PQPoolConfiguration(livenessCheckAfter: .seconds(30)))
        let id = pool.open(1)[0]
        #expect(pool.acquire(1, at: .milliseconds(29_999)) == .lease(id, check: false))
        _ = pool.release(id, at: .zero)
        #expect(pool.acquire(2, at: .seconds(30)) == .lease(id, check: true))
        _ = pool.release(id, at: .seconds(31))
        #expect(pool.acquire(3, at: .seconds(32)) == .lease(id, check: false))
    }

    @Test func `what is not reusable or too old is closed, and replaced for those who wait`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 1))
        _ = pool.acquire(1)
        _ = pool.connected(1, retiresAt: .seconds(60))
        #expect(pool.release(1, reusable: false) == .close(connect: nil))
        #expect(pool.counts == [0, 0, 0, 0, 0])
        _ = pool.acquire(2)
        _ = pool.connected(2, retiresAt: .seconds(60))
        _ = pool.acquire(3, at: .seconds(59))
        #expect(pool.release(2, at: .seconds(60)) == .close(connect: 3))
        #expect(pool.connected(3, at: .seconds(60)) == .handOff(to: 3, check: false, connect: nil))
    }

    @Test func `what the pool does not know is ignored, or closed`() {
        var pool = PoolDriver()
        #expect(pool.release(7) == .ignore)
        #expect(pool.connected(7) == .close(connect: nil))
        #expect(pool.connectFailed(7) == [])
        #expect(pool.lost(7) == .init())
        let id = pool.open(1)[0]
        #expect(pool.release(id) == .ignore, "given back twice")
        #expect(pool.connected(id) == .close(connect: nil), "opened twice")
        #expect(pool.acquire(1) == .lease(id, check: false))
        #expect(pool.counts == [1, 0, 1, 0, 0])
    }
}

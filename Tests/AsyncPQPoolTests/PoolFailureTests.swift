//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQPool

@Suite("The pool's machine: failures")
struct PoolFailureTests {
    @Test func `a failure with nothing else open fails all who wait at once`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 1))
        for waiter in 1...3 { _ = pool.acquire(waiter) }
        #expect(pool.connectFailed(1) == [1, 2, 3])
        #expect(pool.counts == [0, 0, 0, 0, 0])
        #expect(pool.acquire(4) == .wait(connect: 2, until: .seconds(30)), "the next caller learns it from its own try")
    }

    @Test func `of attempts side by side only the last failure is hopeless`() {
        var pool = PoolDriver()
        for waiter in 1...3 { _ = pool.acquire(waiter) }
        #expect(pool.connectFailed(2) == [])
        #expect(pool.connectFailed(1) == [])
        #expect(pool.connectFailed(3) == [1, 2, 3])
    }

    @Test func `a failure with others open keeps the callers waiting and is retried after a pause`() {
        var pool = PoolDriver()
        _ = pool.acquire(1)
        _ = pool.connected(1)
        #expect(pool.acquire(2) == .wait(connect: 2, until: .seconds(30)))
        #expect(pool.connectFailed(2, at: .seconds(1)) == [])
        #expect(pool.tick(at: .seconds(1)) == .init(next: .seconds(2)))
        #expect(pool.tick(at: .milliseconds(1999)) == .init(next: .seconds(2)))
        #expect(
            pool.tick(at: .seconds(2)) == .init(connect: [3], next: .seconds(30)), "no tick for a pause that is over")
        #expect(pool.connected(3, at: .seconds(3)) == .handOff(to: 2, check: false, connect: nil))
    }

    @Test func `the pauses grow up to half a minute and end with a success`() {
        var pool = PoolDriver()
        pool.patience = .seconds(10_000)
        _ = pool.acquire(1)
        _ = pool.connected(1)
        guard case .wait(var connect?, _) = pool.acquire(2) else { return #expect(Bool(false)) }
        var time = Duration.zero
        for pause in [1, 2, 4, 8, 16, 30, 30] {
            _ = pool.connectFailed(connect, at: time)
            let next = pool.tick(at: time).next
            #expect(next == time + .seconds(pause))
            time += .seconds(pause)
            connect = pool.tick(at: time).connect.first ?? -1
        }
        _ = pool.connected(connect, at: time)
        guard case .wait(let again?, _) = pool.acquire(3, at: time) else { return #expect(Bool(false)) }
        _ = pool.connectFailed(again, at: time)
        #expect(pool.tick(at: time).next == time + .seconds(1))
    }

    @Test func `attempts that fail side by side count as one failure`() {
        var pool = PoolDriver()
        _ = pool.acquire(0)
        _ = pool.connected(1)
        for waiter in 1...4 { _ = pool.acquire(waiter) }
        for id in 2...5 { _ = pool.connectFailed(id) }
        #expect(pool.tick() == .init(next: .seconds(1)))
    }

    @Test func `who comes during the pause is not forgotten when it ends`() {
        var pool = PoolDriver()
        _ = pool.acquire(1)
        _ = pool.connected(1)
        _ = pool.acquire(2)
        #expect(pool.cancel(2) == true)
        _ = pool.connectFailed(2)
        #expect(pool.tick() == .init(next: .seconds(2690)), "nobody waits; the next is the other's replacement")
        #expect(pool.acquire(3, at: .milliseconds(200)) == .wait(connect: nil, until: .seconds(1)))
        #expect(pool.tick(at: .seconds(1)).connect == [3])
    }

    @Test func `a server that refuses is asked to fill the minimum only after a pause`() {
        var pool = PoolDriver(PQPoolConfiguration(minimumConnections: 1))
        #expect(pool.tick() == .init(connect: [1]))
        #expect(pool.connectFailed(1) == [])
        #expect(pool.tick() == .init(next: .seconds(1)))
        #expect(pool.tick(at: .seconds(1)) == .init(connect: [2]))
        #expect(pool.connectFailed(2, at: .seconds(1)) == [])
        #expect(pool.tick(at: .seconds(1)) == .init(next: .seconds(3)))
        // A caller does not wait for the pause.
        #expect(pool.acquire(1, at: .seconds(1)) == .wait(connect: 3, until: .seconds(31)))
    }

    @Test func `a server that ends every session is asked to fill the minimum only after a pause`() {
        var pool = PoolDriver(PQPoolConfiguration(minimumConnections: 1))
        _ = pool.tick()
        _ = pool.connected(1)
        #expect(pool.lost(1) == .init())
        #expect(pool.tick() == .init(next: .seconds(1)))
        #expect(pool.tick(at: .seconds(1)).connect == [2])
    }

    @Test func `one dead connection drains the other idle ones`() {
        var pool = PoolDriver()
        let open = pool.open(4)
        #expect(pool.lost(open[1]) == .init(close: Set([0, 2, 3].map { PoolDriver.name(open[$0]) })))
        #expect(pool.counts == [0, 0, 0, 0, 0])
        // Closing the others tells the pool of them one by one; it knows.
        #expect(pool.lost(open[0]) == .init())
    }

    @Test func `what is leased when another one dies is checked before it is leased again`() {
        var pool = PoolDriver()
        let open = pool.open(2)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        _ = pool.lost(open[0])
        #expect(pool.release(open[1]) == .park(until: .seconds(50)))
        #expect(pool.acquire(3) == .lease(open[1], check: true))
        _ = pool.release(open[1])
        #expect(pool.acquire(4) == .lease(open[1], check: false), "one liveness check is enough")
    }

    @Test func `a suspect that is handed on is checked too`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 2))
        let open = pool.open(2)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        _ = pool.acquire(3)
        #expect(pool.lost(open[0]).connect == 3)
        #expect(pool.release(open[1]) == .handOff(to: 3, check: true, connect: nil))
        _ = pool.acquire(4)
        #expect(pool.release(open[1]) == .handOff(to: 4, check: false, connect: nil))
    }

    @Test func `a connection that logged in after the loss is no suspect`() {
        var pool = PoolDriver()
        let open = pool.open(1)
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        _ = pool.lost(open[0])
        #expect(pool.connected(2) == .handOff(to: 2, check: false, connect: nil))
        _ = pool.release(2)
        #expect(pool.acquire(3) == .lease(2, check: false))
    }

    @Test func `a lost connection is replaced for those who wait`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 1))
        _ = pool.acquire(1)
        _ = pool.connected(1)
        _ = pool.acquire(2)
        #expect(pool.lost(1) == .init(connect: 2))
        #expect(pool.release(1) == .ignore, "its holder gives it back later")
        #expect(pool.connected(2) == .handOff(to: 2, check: false, connect: nil))
    }

    @Test func `a connection lost before it was announced is not leased`() {
        var pool = PoolDriver()
        _ = pool.acquire(1)
        #expect(pool.lost(1) == .init(connect: 2))
        #expect(pool.connected(1) == .close(connect: nil))
        #expect(pool.counts == [1, 0, 0, 1, 1])
    }

    @Test func `who got a dead connection goes back to the front, beyond the line's limit`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 1, maximumWaiters: 1))
        let id = pool.open(1)[0]
        #expect(pool.acquire(1, at: .seconds(40)) == .lease(id, check: true))
        _ = pool.acquire(2, at: .seconds(40))
        #expect(pool.lost(id, at: .seconds(41)) == .init(connect: 2))
        #expect(
            pool.acquireAgain(1, deadline: .seconds(70), at: .seconds(41)) == .wait(connect: nil, until: .seconds(70)))
        #expect(pool.connected(2, at: .seconds(42)) == .handOff(to: 1, check: false, connect: nil))
        #expect(pool.release(2, at: .seconds(43)) == .handOff(to: 2, check: false, connect: nil))
    }

    @Test func `who got a dead connection takes another idle one at once`() {
        var pool = PoolDriver()
        let id = pool.open(1)[0]
        #expect(pool.acquireAgain(1) == .lease(id, check: false))
    }
}

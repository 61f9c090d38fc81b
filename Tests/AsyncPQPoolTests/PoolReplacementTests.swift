//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

@testable import AsyncPQPool

@Suite("The pool's machine: replacement")
struct PoolReplacementTests {
    private let minute = Duration.seconds(60)

    @Test func `an idle connection stays until its replacement is open`() {
        var pool = PoolDriver(PQPoolConfiguration(minimumConnections: 1))
        _ = pool.tick()
        _ = pool.connected(1, retiresAt: self.minute)
        #expect(pool.tick(at: .seconds(50)) == .init(connect: [2]))
        #expect(pool.tick(at: .seconds(51)) == .init(), "one replacement is enough")
        #expect(pool.acquire(1, at: .seconds(52)) == .lease(1, check: true), "it is still leased")
        _ = pool.release(1, at: .seconds(53))
        #expect(pool.connected(2, at: .seconds(54)) == .parkInstead(of: "c1", until: .seconds(103)))
        #expect(pool.counts == [1, 1, 0, 0, 0])
        #expect(pool.lost(1) == .init(), "it is gone for the pool")
    }

    @Test func `one leased is closed when it comes back, and its replacement is leased meanwhile`() {
        var pool = PoolDriver()
        _ = pool.acquire(1)
        _ = pool.connected(1, retiresAt: self.minute)
        #expect(pool.tick(at: .seconds(50)) == .init(connect: [2]))
        #expect(pool.connected(2, at: .seconds(51)) == .park(until: .seconds(101)))
        #expect(pool.tick(at: .seconds(51)).connect == [], "the old one needs no other")
        #expect(pool.acquire(2, at: .seconds(52)) == .lease(2, check: false))
        #expect(pool.release(1, at: .seconds(53)) == .close(connect: nil))
        #expect(pool.counts == [1, 0, 1, 0, 0])
    }

    @Test func `a replacement serves those who wait`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 2))
        _ = pool.acquire(1)
        _ = pool.connected(1, retiresAt: self.minute)
        #expect(pool.tick(at: .seconds(50)).connect == [2])
        #expect(pool.acquire(2, at: .seconds(50)) == .wait(connect: nil, until: .seconds(80)))
        #expect(pool.connected(2, at: .seconds(51)) == .handOff(to: 2, check: false, connect: nil))
        #expect(pool.release(1, at: .seconds(52)) == .close(connect: nil))
    }

    @Test func `at the maximum one is replaced when it comes back, though nobody waits`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 1))
        _ = pool.acquire(1)
        _ = pool.connected(1, retiresAt: self.minute)
        #expect(pool.tick(at: .seconds(50)) == .init(), "no room")
        #expect(pool.release(1, at: .seconds(61)) == .close(connect: 2))
        #expect(pool.connected(2, at: .seconds(62)) == .park(until: .seconds(112)))
    }

    @Test func `at the maximum an idle one that is in use is replaced at its end, and idles no longer for it`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 1))
        _ = pool.acquire(1)
        _ = pool.connected(1, retiresAt: self.minute)
        _ = pool.release(1, at: .seconds(45))
        #expect(pool.tick(at: .seconds(50)) == .init(next: self.minute))
        #expect(pool.tick(at: self.minute) == .init(close: ["c1"], connect: [2]))
        #expect(pool.connected(2, at: .seconds(61)) == .park(until: .seconds(95)), "50 s after the last use")
    }

    @Test func `one that nobody used for long has no replacement`() {
        var pool = PoolDriver()
        _ = pool.open(1, retiresAt: .seconds(40))
        #expect(pool.tick(at: .seconds(30)) == .init(next: .seconds(40)))
        #expect(pool.tick(at: .seconds(40)) == .init(close: ["c1"]))
    }

    @Test func `a replacement that cannot be opened is tried again after the pause`() {
        var pool = PoolDriver(PQPoolConfiguration(minimumConnections: 1))
        _ = pool.tick()
        _ = pool.connected(1, retiresAt: self.minute)
        #expect(pool.tick(at: .seconds(50)).connect == [2])
        #expect(pool.connectFailed(2, at: .seconds(51)) == [])
        #expect(pool.tick(at: .seconds(51)) == .init(next: .seconds(52)))
        #expect(pool.tick(at: .seconds(52)) == .init(connect: [3]))
    }

    @Test func `a replacement stays when the old one is lost`() {
        var pool = PoolDriver(PQPoolConfiguration(minimumConnections: 1))
        _ = pool.tick()
        _ = pool.connected(1, retiresAt: self.minute)
        _ = pool.tick(at: .seconds(50))
        #expect(pool.lost(1, at: .seconds(51)) == .init())
        #expect(pool.connected(2, at: .seconds(52)) == .park(until: .seconds(102)))
        #expect(pool.counts == [1, 1, 0, 0, 0])
    }

    @Test func `the minimum is not closed for idleness while its replacement is being opened`() {
        var pool = PoolDriver(PQPoolConfiguration(minimumConnections: 1, idleTimeout: .seconds(20)))
        _ = pool.tick()
        _ = pool.connected(1, retiresAt: self.minute)
        #expect(pool.tick(at: .seconds(50)) == .init(connect: [2]))
        #expect(pool.counts == [2, 1, 0, 1, 0])
    }

    @Test func `no replacements while draining or paused`() {
        for isPaused in [false, true] {
            var pool = PoolDriver()
            _ = pool.acquire(1)
            _ = pool.connected(1, retiresAt: self.minute)
            if isPaused { pool.machine.pause() } else { _ = pool.machine.drain() }
            #expect(pool.tick(at: .seconds(55)) == .init())
            #expect(pool.release(1, at: .seconds(61)) == .close(connect: nil))
        }
    }

    @Test func `in steady use the number of usable connections never falls`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 8, maximumAge: .seconds(60)))
        var age = 0
        let open = pool.open(4, retiresAt: .seconds(60))
        #expect(open.count == 4)
        var opening: [(id: Int, ready: Int)] = []
        for second in 1...600 {
            let time = Duration.seconds(second)
            for id in pool.tick(at: time).connect { opening.append((id, second + 1)) }
            for item in opening where item.ready == second {
                age += 1
                _ = pool.connected(item.id, at: time, retiresAt: .seconds(second + 60))
            }
            opening.removeAll { $0.ready == second }
            var held: [Int] = []
            for waiter in 0..<4 {
                guard case .lease(let id, _) = pool.acquire(waiter, at: time) else { continue }
                held.append(id)
            }
            #expect(held.count == 4, "at \(second) s")
            for id in held { _ = pool.release(id, at: time) }
        }
        #expect(age >= 36, "each of the four was replaced about every minute")
        #expect(pool.machine.size <= 8)
    }

    @Test func `one whose replacement takes long to open is leased past its age limit, and no longer`() {
        var pool = PoolDriver(PQPoolConfiguration(maximumConnections: 4, maximumAge: .seconds(60)))
        let old = pool.open(1, retiresAt: .seconds(60))[0]
        _ = pool.acquire(1, at: .seconds(56))
        _ = pool.release(old, at: .seconds(56))
        let newByOld = pool.tick(at: .seconds(58)).connect
        #expect(newByOld.count == 1)
        let late = pool.tick(at: .seconds(61))
        #expect(late.close.isEmpty && late.connect.isEmpty)
        guard case .lease(old, _) = pool.acquire(2, at: .seconds(62)) else {
            Issue.record("it was not leased")
            return
        }
        #expect(pool.release(old, at: .seconds(63)) == .park(until: .seconds(60)))
        _ = pool.connected(newByOld[0], at: .seconds(64), retiresAt: .seconds(124))
        guard case .lease(let id, _) = pool.acquire(3, at: .seconds(65)) else {
            Issue.record("nothing was leased")
            return
        }
        #expect(id == newByOld[0])
        #expect(pool.machine.size == 1)
    }
}

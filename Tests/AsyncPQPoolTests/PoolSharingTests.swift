//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

@testable import AsyncPQPool

@Suite("The pool's machine: shared connections")
struct PoolSharingTests {
    private typealias Machine = PoolStateMachine<String>

    private let start = ContinuousClock.now

    private func machine(connections: Int = 2, depth: Int = 4) -> Machine {
        Machine(configuration: PQPoolConfiguration(maximumConnections: connections, multiplexing: .depth(depth)))
    }

    /// A machine all of whose connections are leased.
    private func busy(connections: Int = 2, depth: Int = 4) -> Machine {
        var machine = self.machine(connections: connections, depth: depth)
        for number in 0..<connections {
            _ = machine.acquire(.init(number: -1 - number), deadline: self.start + .seconds(30), now: self.start)
            _ = machine.connected(
                .init(number: number + 1), "c\(number + 1)", retiresAt: self.start + .seconds(2700), now: self.start)
        }
        return machine
    }

    private func wait(_ machine: inout Machine, _ number: Int, mayShare: Bool = true) {
        let action = machine.acquire(
            .init(number: number), deadline: self.start + .seconds(30), mayShare: mayShare, now: self.start)
        guard case .wait = action else {
            Issue.record("\(action)")
            return
        }
    }

    private func sharers(_ action: Machine.ReturnAction) -> [Int]? {
        guard case .share(let waiters, _, _) = action else { return nil }
        return waiters.map(\.number)
    }

    @Test func `a connection that becomes free is shared by the callers in line who may, in their order`() {
        var machine = self.busy()
        for number in 0..<3 { self.wait(&machine, number) }
        self.wait(&machine, 3, mayShare: false)
        self.wait(&machine, 4)
        // Two connections are in use: each gets half of the line.
        #expect(self.sharers(machine.release(.init(number: 1), reusable: true, now: self.start)) == [0, 1, 2])
        guard case .handOff(let next, _, _, _) = machine.release(.init(number: 2), reusable: true, now: self.start)
        else {
            Issue.record("the caller who may not share is next")
            return
        }
        #expect(next.number == 3)
        #expect(machine.leasedCount == 2)
        // A place on the shared connection goes to the next in line.
        #expect(self.sharers(machine.leave(.init(number: 1), isAlive: true, now: self.start)) == [4])
    }

    @Test func `a short statement joins the connection with the fewest, up to the depth`() {
        var machine = self.busy()
        self.wait(&machine, 0)
        #expect(machine.join(now: self.start) == nil, "callers who came before wait")
        #expect(self.sharers(machine.release(.init(number: 1), reusable: true, now: self.start)) == [0])
        #expect(machine.join(now: self.start)?.connection == "c1")
        self.wait(&machine, 1)
        #expect(self.sharers(machine.release(.init(number: 2), reusable: true, now: self.start)) == [1])
        #expect(machine.join(now: self.start)?.connection == "c2")
        for _ in 0..<4 { #expect(machine.join(now: self.start) != nil) }
        #expect(machine.join(now: self.start) == nil, "both are full")
    }

    @Test func `nothing joins behind a statement that turned out long`() {
        var machine = self.busy(connections: 1)
        self.wait(&machine, 0)
        #expect(self.sharers(machine.release(.init(number: 1), reusable: true, now: self.start)) == [0])
        #expect(machine.join(now: self.start + .milliseconds(9)) != nil)
        #expect(machine.join(now: self.start + .milliseconds(11)) == nil)
        #expect(self.sharers(machine.leave(.init(number: 1), isAlive: true, now: self.start + .seconds(1))) == nil)
        #expect(machine.join(now: self.start + .seconds(1)) != nil)
    }

    @Test func `a connection that was shared a moment ago is joined, though nothing runs on it`() {
        var machine = self.busy(connections: 1)
        self.wait(&machine, 0)
        #expect(self.sharers(machine.release(.init(number: 1), reusable: true, now: self.start)) == [0])
        func park(_ machine: inout Machine, at now: ContinuousClock.Instant) {
            guard case .park = machine.leave(.init(number: 1), isAlive: true, now: now) else {
                Issue.record("no caller needs it")
                return
            }
            #expect(machine.leasedCount == 0 && machine.idle.count == 1, "it is idle for everyone else")
        }
        park(&machine, at: self.start)
        let soon = self.start + .microseconds(999)
        #expect(machine.leaseIdle(mayShare: true, now: soon) == nil)
        #expect(machine.join(now: soon)?.connection == "c1")
        #expect(machine.leasedCount == 1 && machine.idle.isEmpty)
        #expect(machine.join(now: soon)?.connection == "c1")
        _ = machine.leave(.init(number: 1), isAlive: true, now: soon)
        park(&machine, at: soon)
        // Who needs it alone gets it alone, and nobody joins afterwards.
        var other = machine
        #expect(other.leaseIdle(now: soon)?.connection == "c1")
        _ = other.release(.init(number: 1), reusable: true, now: soon)
        #expect(other.join(now: soon) == nil)
        #expect(other.leaseIdle(mayShare: true, now: soon)?.connection == "c1")
        #expect(machine.join(now: soon + .milliseconds(1)) == nil, "the moment is over")
        #expect(machine.leaseIdle(mayShare: true, now: soon + .milliseconds(1))?.connection == "c1")
    }

    @Test func `an idle connection is not shared while another one is free`() {
        var machine = self.busy()
        self.wait(&machine, 0)
        #expect(self.sharers(machine.release(.init(number: 1), reusable: true, now: self.start)) == [0])
        _ = machine.leave(.init(number: 1), isAlive: true, now: self.start)
        _ = machine.release(.init(number: 2), reusable: true, now: self.start)
        #expect(machine.join(now: self.start) == nil)
        #expect(machine.leaseIdle(mayShare: true, now: self.start)?.connection == "c2")
        #expect(machine.join(now: self.start)?.connection == "c1")
    }

    @Test func `nothing joins an idle connection that is suspect or at the end of its life`() {
        func parked() -> Machine {
            var machine = self.busy()
            self.wait(&machine, 0)
            _ = machine.release(.init(number: 1), reusable: true, now: self.start)
            _ = machine.leave(.init(number: 1), isAlive: true, now: self.start)
            return machine
        }
        var joined = parked()
        #expect(joined.join(now: self.start) != nil)
        var suspect = parked()
        #expect(suspect.lost(.init(number: 2), now: self.start).close == ["c1"])
        #expect(suspect.join(now: self.start) == nil)
        var retired = parked()
        _ = retired.retireAll(now: self.start)
        #expect(retired.join(now: self.start) == nil)
        var unanswered = self.busy()
        self.wait(&unanswered, 0)
        _ = unanswered.release(.init(number: 1), reusable: true, now: self.start)
        _ = unanswered.leave(.init(number: 1), isAlive: false, now: self.start)
        #expect(unanswered.join(now: self.start) == nil)
    }

    @Test func `nothing joins a connection that is to be replaced, is suspect or above the maximum`() {
        func shared() -> Machine {
            var machine = self.busy()
            self.wait(&machine, 0)
            _ = machine.release(.init(number: 1), reusable: true, now: self.start)
            return machine
        }
        var retired = shared()
        _ = retired.retireAll(now: self.start)
        #expect(retired.join(now: self.start + .microseconds(1)) == nil)
        guard case .close("c1", _) = retired.leave(.init(number: 1), isAlive: true, now: self.start) else {
            Issue.record("the last statement of a retired connection closes it")
            return
        }
        var suspect = shared()
        _ = suspect.lost(.init(number: 2), now: self.start)
        // There is room again, but a connection is opened for those who wait only.
        #expect(suspect.join(now: self.start) == nil)
        var shrunk = shared()
        _ = shrunk.resize(minimum: 0, maximum: 1, now: self.start)
        #expect(shrunk.join(now: self.start) == nil)
        var paused = shared()
        paused.pause()
        #expect(paused.join(now: self.start) == nil)
        var draining = shared()
        _ = draining.drain()
        #expect(draining.join(now: self.start) == nil)
    }

    @Test func `without multiplexing every caller has a connection alone`() {
        var machine = self.busy(depth: 1)
        self.wait(&machine, 0)
        self.wait(&machine, 1)
        guard case .handOff = machine.release(.init(number: 1), reusable: true, now: self.start) else {
            Issue.record("not handed off")
            return
        }
        #expect(machine.join(now: self.start) == nil)
    }

    /// Random lives: what must always hold.
    @Test(arguments: 0..<40)
    func `no order of events breaks the sharing`(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let depth = random.next(below: 6) + 1
        let maximum = random.next(below: 5) + 1
        var machine = self.machine(connections: maximum, depth: depth)
        var now = self.start
        var leased: Set<Int> = []
        var statements: [Int: Int] = [:]
        // When the last statement left a shared connection.
        var left: [Int: ContinuousClock.Instant] = [:]
        var waiting: [Int: Bool] = [:]
        var opening: Set<Int> = []
        var served: Set<Int> = []
        var asked = 0

        func connect(_ id: Machine.ConnectionID?) { if let id { opening.insert(id.number) } }
        func apply(_ id: Int, _ action: Machine.ReturnAction) {
            switch action {
            case .handOff(let waiter, _, _, let new):
                #expect(waiting.removeValue(forKey: waiter.number) != nil && served.insert(waiter.number).inserted)
                #expect(leased.insert(id).inserted && statements[id] == nil)
                connect(new)
            case .share(let waiters, _, let new):
                #expect(!waiters.isEmpty && !leased.contains(id) && depth > 1)
                for waiter in waiters {
                    #expect(waiting.removeValue(forKey: waiter.number) == true, "one who may not share")
                    #expect(served.insert(waiter.number).inserted)
                }
                statements[id, default: 0] += waiters.count
                connect(new)
            case .close(_, let new): connect(new)
            case .park, .parkInstead, .ignore: break
            }
        }

        for _ in 0..<3000 {
            now += .microseconds(random.next(below: 4000))
            switch random.next(below: 100) {
            case ..<30:
                let mayShare = random.chance(80)
                if mayShare, depth > 1, let place = machine.join(now: now) {
                    #expect(waiting.isEmpty, "joined before those in line")
                    let isStillShared = left[place.id.number].map { now < $0 + .milliseconds(1) } ?? false
                    #expect(
                        (statements[place.id.number] ?? 0) > 0 || isStillShared && !leased.contains(place.id.number))
                    statements[place.id.number, default: 0] += 1
                    break
                }
                asked += 1
                switch machine.acquire(
                    .init(number: asked), deadline: now + .seconds(30), mayShare: mayShare, now: now)
                {
                case .lease(let id, _, _): #expect(leased.insert(id.number).inserted && statements[id.number] == nil)
                case .wait(let new, _):
                    waiting[asked] = mayShare
                    connect(new)
                case .reject: break
                }
            case ..<45:
                guard let id = opening.randomElement(using: &random) else { break }
                opening.remove(id)
                apply(id, machine.connected(.init(number: id), "c\(id)", retiresAt: now + .seconds(2700), now: now))
            case ..<65:
                guard let id = leased.randomElement(using: &random) else { break }
                leased.remove(id)
                apply(id, machine.release(.init(number: id), reusable: random.chance(95), now: now))
            case ..<95:
                guard let id = statements.keys.sorted().randomElement(using: &random), let count = statements[id] else {
                    break
                }
                // Those that were sent together leave together.
                let leaving = random.next(below: count) + 1
                statements[id] = count == leaving ? nil : count - leaving
                left[id] = now
                apply(id, machine.leave(.init(number: id), count: leaving, isAlive: random.chance(95), now: now))
            case ..<97:
                guard let id = waiting.keys.sorted().randomElement(using: &random) else { break }
                let isFound = machine.cancel(.init(number: id))
                #expect(isFound)
                waiting[id] = nil
            case ..<99:
                let action = machine.tick(now: now)
                for waiter in action.timedOut { waiting[waiter.number] = nil }
                opening.formUnion(action.connect.map(\.number))
            default:
                guard let id = leased.union(statements.keys).sorted().randomElement(using: &random) else { break }
                leased.remove(id)
                statements[id] = nil
                connect(machine.lost(.init(number: id), now: now).connect)
                // What its callers say afterwards is of no interest.
                apply(id, machine.leave(.init(number: id), isAlive: false, now: now))
            }
            for expired in machine.takeExpired() { waiting[expired.number] = nil }
            #expect(machine.leasedCount == leased.count + statements.count)
            #expect(machine.waiters.count == waiting.count)
            #expect(statements.values.allSatisfy { $0 <= max(depth, 1) })
        }
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

@testable import AsyncPQPool

/// Random lives of a pool in a world that ticks only when the machine asked for it, as the shell does.
@Suite("The pool's machine: random lives")
struct PoolPropertyTests {
    @Test(arguments: 0..<40)
    func `no order of events breaks the pool`(seed: Int) {
        var world = World(seed: UInt64(seed))
        for _ in 0..<800 { world.step() }
        world.finish()
        #expect(world.violations == [])
        #expect(world.resumed.count == world.asked)
        #expect(world.resumed.values.allSatisfy { $0 == 1 })
    }

    @Test func `the random lives visit every kind of event`() {
        var seen: Set<String> = []
        for seed in 0..<15 {
            var world = World(seed: UInt64(seed))
            for _ in 0..<800 { world.step() }
            world.finish()
            seen.formUnion(world.seen)
        }
        #expect(
            seen.isSuperset(of: [
                "lease", "lease to check", "wait", "wait and connect", "queue full", "hand off", "hand off to check",
                "park", "close", "lost", "connect failed", "hopeless", "timed out", "cancelled", "again",
                "tick closes", "tick connects", "drained", "abandoned", "succeeded", "paused", "resumed to many",
                "shrunk", "grown", "retired", "too late",
            ]), "missing")
    }
}

/// The surroundings of a machine, and what must always hold.
private struct World {
    typealias Machine = PoolStateMachine<String>
    typealias Instant = ContinuousClock.Instant

    let start = ContinuousClock.now
    let configuration: PQPoolConfiguration
    var random: SplitMix64
    var machine: Machine
    /// Connections above the maximum that were there when it was lowered.
    var surplus = 0
    var now: Instant
    /// The earliest time the machine asked to be ticked at.
    var due: Instant?
    var opening: Set<Machine.ConnectionID> = []
    var holders: [Machine.ConnectionID: Int] = [:]
    var deadlines: [Int: Instant] = [:]
    var resumed: [Int: Int] = [:]
    var asked = 0
    var seen: Set<String> = []
    var violations: [String] = []

    init(seed: UInt64) {
        self.random = SplitMix64(seed: seed)
        let maximum = self.random.next(below: 8) + 1
        self.configuration = PQPoolConfiguration(
            minimumConnections: self.random.chance(50) ? 0 : self.random.next(below: maximum + 1),
            maximumConnections: maximum, maximumWaiters: [3, 10, 100][self.random.next(below: 3)])
        self.machine = Machine(configuration: self.configuration)
        self.now = self.start
        self.due = self.start
    }

    // MARK: Events

    mutating func step() {
        self.advance()
        switch self.random.next(below: 100) {
        case ..<40: self.acquire()
        case ..<70: self.giveBack()
        case ..<88: self.finishOpening()
        case ..<91: self.lose()
        case ..<94: self.intervene()
        default: self.cancel()
        }
        self.check()
    }

    /// Lets time pass, mostly a little, and ticks on the way exactly when the machine asked for it.
    private mutating func advance() {
        let milliseconds = self.random.chance(95) ? self.random.next(below: 300) : self.random.next(below: 40_000)
        let target = self.now + .milliseconds(milliseconds)
        var ticks = 0
        while let due, due <= target {
            self.now = max(self.now, due)
            self.due = nil
            self.tick()
            self.check()
            ticks += 1
            if ticks > 2000 { return self.violations.append("busy loop") }
        }
        self.now = target
        for (waiter, deadline) in self.deadlines where deadline < self.now && self.resumed[waiter] == nil {
            self.violations.append("\(waiter) waits beyond its time")
        }
    }

    private mutating func schedule(_ instant: Instant?) {
        guard let instant else { return }
        self.due = self.due.map { min($0, instant) } ?? instant
    }

    private mutating func acquire() {
        self.asked += 1
        let waiter = self.asked
        // Some are in a hurry, and some ask too late.
        let deadline =
            self.now
            + (self.random.chance(80) ? .seconds(30) : .milliseconds(self.random.next(below: 400) - 40))
        self.take(
            self.machine.acquire(.init(number: waiter), deadline: deadline, now: self.now), waiter, deadline)
    }

    private mutating func take(_ action: Machine.AcquireAction, _ waiter: Int, _ deadline: Instant) {
        switch action {
        case .lease(let id, _, let check): self.lease(id, waiter, deadline, check: check)
        case .wait(let connect, let until):
            self.seen.insert(connect == nil ? "wait" : "wait and connect")
            self.deadlines[waiter] = deadline
            self.open(connect)
            self.schedule(until)
        case .reject(let reason):
            switch reason {
            case .queueFull: self.seen.insert("queue full")
            case .shutDown: self.seen.insert("shut down")
            case .tooLate: self.seen.insert("too late")
            }
            self.resume(waiter)
        }
    }

    private mutating func lease(_ id: Machine.ConnectionID, _ waiter: Int, _ deadline: Instant, check: Bool) {
        if deadline <= self.now { self.violations.append("\(id) leased to \(waiter), whose time is over") }
        if let other = self.holders[id] { self.violations.append("\(id) leased to \(other) and \(waiter)") }
        self.holders[id] = waiter
        self.seen.insert(check ? "lease to check" : "lease")
        guard check, self.random.chance(50) else { return self.resume(waiter) }
        // Liveness check failed.
        self.seen.insert("again")
        self.lose(id)
        self.take(
            self.machine.acquireAgain(.init(number: waiter), deadline: deadline, now: self.now), waiter, deadline)
    }

    private mutating func giveBack() {
        guard let id = self.holders.keys.sorted(by: { $0.number < $1.number }).randomElement(using: &self.random) else {
            return
        }
        self.holders[id] = nil
        let name = "c\(id.number)"
        self.take(self.machine.release(id, reusable: self.random.chance(95), now: self.now), id, name)
    }

    private mutating func take(_ action: Machine.ReturnAction, _ id: Machine.ConnectionID, _ name: String) {
        switch action {
        case .handOff(let waiter, let connection, let check, let connect):
            self.seen.insert(check ? "hand off to check" : "hand off")
            if connection != name { self.violations.append("\(connection) instead of \(name)") }
            self.open(connect)
            guard let deadline = self.deadlines[waiter.number] else {
                return self.violations.append("\(waiter) never waited")
            }
            self.lease(id, waiter.number, deadline, check: check)
        case .park(let until):
            self.seen.insert("park")
            self.schedule(until)
        case .parkInstead(let old, let until):
            self.seen.insert("succeeded")
            if old == name { self.violations.append("\(old) succeeds itself") }
            self.schedule(until)
        case .close(_, let connect):
            self.seen.insert("close")
            self.open(connect)
            if self.machine.configuration.minimumConnections > 0 { self.schedule(self.now) }
        case .share(let waiters, _, _): self.violations.append("\(waiters) share, and none of them may")
        case .ignore: break
        }
        self.tellExpired()
    }

    private mutating func tellExpired() {
        for waiter in self.machine.takeExpired() {
            self.seen.insert("passed over")
            self.resume(waiter.number)
        }
    }

    /// What an operator does while the pool is at work.
    private mutating func intervene() {
        switch self.random.next(below: 6) {
        case 0:
            self.seen.insert("paused")
            self.machine.pause()
        case 1, 2: self.take(self.machine.resume(now: self.now))
        case 3:
            let (before, maximum) = (self.machine.configuration.maximumConnections, self.random.next(below: 8) + 1)
            self.seen.insert(maximum < before ? "shrunk" : "grown")
            self.take(
                self.machine.resize(minimum: self.random.next(below: maximum + 1), maximum: maximum, now: self.now))
            self.surplus = self.machine.size - maximum
        default:
            self.seen.insert("retired")
            let (action, leased) = self.machine.retireAll(now: self.now)
            if leased != Set(self.holders.keys) { self.violations.append("retires others than are leased") }
            self.take(action)
            if !self.machine.idle.isEmpty { self.violations.append("idle ones survive their end") }
        }
        self.schedule(self.now)
    }

    private mutating func take(_ action: Machine.Rearrangement) {
        if action.handOff.count > 1 { self.seen.insert("resumed to many") }
        for (waiter, id, _, check) in action.handOff {
            guard let deadline = self.deadlines[waiter.number] else {
                self.violations.append("\(waiter) never waited")
                continue
            }
            self.lease(id, waiter.number, deadline, check: check)
        }
        for id in action.connect { self.open(id) }
        self.tellExpired()
    }

    private mutating func finishOpening() {
        guard let id = self.opening.sorted(by: { $0.number < $1.number }).randomElement(using: &self.random) else {
            return
        }
        self.opening.remove(id)
        if self.random.chance(75) {
            let life = Duration.seconds(self.random.next(below: 300))
            let action = self.machine.connected(id, "c\(id.number)", retiresAt: self.now + life, now: self.now)
            self.schedule(max(self.now, self.machine.dueAfterConnecting(retiresAt: self.now + life)))
            return self.take(action, id, "c\(id.number)")
        }
        self.seen.insert("connect failed")
        let failed = self.machine.connectFailed(id, now: self.now)
        if !failed.isEmpty { self.seen.insert("hopeless") }
        for waiter in failed { self.resume(waiter.number) }
        self.schedule(self.now)
    }

    private mutating func lose() {
        let open = self.machine.entries.keys.filter { !self.opening.contains($0) }
        guard let id = open.sorted(by: { $0.number < $1.number }).randomElement(using: &self.random) else { return }
        self.lose(id)
    }

    private mutating func lose(_ id: Machine.ConnectionID) {
        self.seen.insert("lost")
        self.holders[id] = nil
        let action = self.machine.lost(id, now: self.now)
        if !self.machine.idle.isEmpty { self.violations.append("idle ones survive a loss") }
        self.open(action.connect)
        self.schedule(self.now)
    }

    private mutating func cancel() {
        let waiting = self.machine.waiters.elements.map(\.id)
        guard let waiter = waiting.randomElement(using: &self.random) else { return }
        self.seen.insert("cancelled")
        if !self.machine.cancel(waiter) { self.violations.append("\(waiter) cannot be cancelled") }
        self.resume(waiter.number)
    }

    private mutating func tick() {
        let action = self.machine.tick(now: self.now)
        for waiter in action.timedOut {
            self.seen.insert("timed out")
            if let deadline = self.deadlines[waiter.number], deadline > self.now {
                self.violations.append("\(waiter) times out early")
            }
            self.resume(waiter.number)
        }
        if !action.close.isEmpty { self.seen.insert("tick closes") }
        if !action.connect.isEmpty { self.seen.insert("tick connects") }
        for id in action.connect { self.open(id) }
        if let next = action.next, next <= self.now { self.violations.append("the next tick is in the past") }
        self.schedule(action.next)
    }

    private mutating func open(_ id: Machine.ConnectionID?) {
        guard let id else { return }
        if !self.opening.insert(id).inserted { self.violations.append("\(id) opened twice") }
    }

    private mutating func resume(_ waiter: Int) { self.resumed[waiter, default: 0] += 1 }

    // MARK: The end

    /// Shuts down, in half of the lives by giving up on everything.
    mutating func finish() {
        if self.random.chance(50) {
            self.seen.insert("abandoned")
            for waiter in self.machine.abandon().waiters { self.resume(waiter.number) }
            self.holders.removeAll()
            self.opening.removeAll()
        } else {
            self.seen.insert("drained")
            if self.machine.isPaused { self.take(self.machine.resume(now: self.now)) }
            _ = self.machine.drain()
            var steps = 0
            while !self.machine.isDrained, steps < 10_000 {
                self.advance()
                self.giveBack()
                self.finishOpening()
                self.check()
                steps += 1
            }
        }
        self.check()
        if !self.machine.isDrained { self.violations.append("never drained") }
    }

    private mutating func check() {
        func require(_ condition: Bool, _ text: String) {
            if !condition { self.violations.append(text) }
        }
        let machine = self.machine
        require(
            machine.idle.count + machine.leasedCount + machine.connectingCount == machine.size, "counts do not add up")
        let excess = machine.size - machine.configuration.maximumConnections
        require(excess <= max(0, self.surplus), "above the maximum, and growing")
        self.surplus = excess
        require(machine.waiters.count <= self.configuration.maximumWaiters + 8, "the line is not bounded")
        require(
            machine.waiters.isEmpty || machine.idle.isEmpty || machine.isPaused,
            "someone waits beside an idle connection")
        require(machine.lastingCount >= 0 && machine.lastingCount <= machine.size, "replacements are miscounted")
        require(machine.leasedCount == self.holders.count, "leases are miscounted")
        require(machine.connectingCount == self.opening.count, "attempts are miscounted")
        require(Set(machine.idle).count == machine.idle.count, "idle twice")
        require(Set(machine.idle).isDisjoint(with: self.holders.keys), "idle and leased")
        require(
            machine.waiters.elements.allSatisfy { self.resumed[$0.id.number] == nil }, "waits after its answer")
        require(machine.waiters.isEmpty || self.due != nil, "someone waits and no tick is to come")
    }
}

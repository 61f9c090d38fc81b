//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

@testable import Lakebase

@Suite("Who has a client")
struct UserSlotsTests {
    private typealias Machine = UserSlots
    private let start = ContinuousClock.now

    private func machine(users: Int = 2, waiters: Int = 10) -> Machine {
        Machine(
            configuration: LakebaseClientPool.Configuration(
                maximumUsers: users, idleTimeout: .seconds(60), maximumWaiters: waiters))
    }

    private func waiter(_ number: Int) -> Machine.WaiterID { Machine.WaiterID(number: number) }
    private func slot(_ number: Int) -> Machine.SlotID { Machine.SlotID(number: number) }
    private func at(_ seconds: Int) -> ContinuousClock.Instant { self.start + .seconds(seconds) }

    @Test func `requests of one user share a client`() {
        var machine = self.machine()
        #expect(machine.acquireNow(user: "ann") == .open(self.slot(1)))
        #expect(machine.acquireNow(user: "ann") == .lease(self.slot(1)))
        #expect(machine.release(self.slot(1), now: self.at(0)) == .nothing)
        #expect(machine.slots[self.slot(1)]?.state == .leased(1))
        #expect(machine.release(self.slot(1), now: self.at(1)) == .parked(until: self.at(61)))
        #expect(machine.acquireNow(user: "ann") == .lease(self.slot(1)))
    }

    @Test func `two names that only Unicode takes for equivalent are two users, who never share a client`() {
        var machine = self.machine(users: 1)
        let (composed, decomposed) = ("ren\u{E9}@example.com", "rene\u{301}@example.com")
        #expect(machine.acquireNow(user: composed) == .open(self.slot(1)))
        #expect(machine.acquireNow(user: decomposed) == nil)
        #expect(machine.acquire(self.waiter(1), user: decomposed) == .wait(close: nil))
        let isCancelled = machine.cancel(self.waiter(1), user: composed)
        #expect(!isCancelled)
        #expect(machine.release(self.slot(1), now: self.at(1)) == .close(self.slot(1)))
        let opening = machine.closed(self.slot(1))
        #expect(opening?.user.utf8.elementsEqual(decomposed.utf8) == true && opening?.waiters == [self.waiter(1)])
        let visitor = LakebaseClientPool.VerifiedUser(userName: composed)
        #expect(visitor.owns(email: composed.uppercased()) && !visitor.owns(email: decomposed))
    }

    @Test func `for another user the one idle for longest is closed, and only then the place is given`() {
        var machine = self.machine()
        for user in ["ann", "bob"] { _ = machine.acquireNow(user: user) }
        _ = machine.release(self.slot(1), now: self.at(1))
        _ = machine.release(self.slot(2), now: self.at(2))
        #expect(machine.acquireNow(user: "cat") == nil)
        #expect(machine.acquire(self.waiter(1), user: "cat") == .wait(close: self.slot(1)))
        // One is being closed for cat already.
        #expect(machine.acquire(self.waiter(2), user: "cat") == .wait(close: nil))
        #expect(machine.slots.count == 2)
        #expect(
            machine.closed(self.slot(1))
                == Machine.Opening(slot: self.slot(3), user: "cat", waiters: [self.waiter(1), self.waiter(2)]))
        #expect(machine.slots[self.slot(3)]?.state == .leased(2) && machine.waiting == 0)
        #expect(machine.acquireNow(user: "bob") == .lease(self.slot(2)))
    }

    @Test func `a client in use is never closed; the first that comes back is`() {
        var machine = self.machine()
        for user in ["ann", "ann", "bob"] { _ = machine.acquireNow(user: user) }
        #expect(machine.acquire(self.waiter(1), user: "cat") == .wait(close: nil))
        #expect(machine.acquire(self.waiter(2), user: "dan") == .wait(close: nil))
        #expect(machine.tick(now: self.at(1000)).close.isEmpty)
        #expect(machine.release(self.slot(1), now: self.at(0)) == .nothing)
        #expect(machine.release(self.slot(1), now: self.at(0)) == .close(self.slot(1)))
        #expect(machine.release(self.slot(2), now: self.at(0)) == .close(self.slot(2)))
        #expect(machine.closed(self.slot(2))?.user == "cat")
        #expect(machine.closed(self.slot(1))?.user == "dan")
    }

    @Test func `a user whose client is being closed waits for a place like anybody else`() {
        var machine = self.machine(users: 1)
        _ = machine.acquireNow(user: "ann")
        _ = machine.release(self.slot(1), now: self.at(0))
        #expect(machine.acquire(self.waiter(1), user: "bob") == .wait(close: self.slot(1)))
        #expect(machine.acquire(self.waiter(2), user: "ann") == .wait(close: nil))
        #expect(machine.closed(self.slot(1))?.user == "bob")
        #expect(machine.release(self.slot(2), now: self.at(1)) == .close(self.slot(2)))
        #expect(machine.closed(self.slot(2))?.waiters == [self.waiter(2)])
    }

    @Test func `who gives up loses the place in line, and the line is bounded`() {
        var machine = self.machine(users: 1, waiters: 2)
        _ = machine.acquireNow(user: "ann")
        _ = machine.acquire(self.waiter(1), user: "bob")
        _ = machine.acquire(self.waiter(2), user: "cat")
        #expect(machine.acquire(self.waiter(3), user: "dan") == .reject(.queueFull))
        let (first, second) = (
            machine.cancel(self.waiter(1), user: "bob"), machine.cancel(self.waiter(1), user: "bob")
        )
        #expect(first && !second)
        #expect(machine.waiting == 1)
        _ = machine.release(self.slot(1), now: self.at(0))
        #expect(machine.closed(self.slot(1))?.user == "cat")
        let isLate = !machine.cancel(self.waiter(2), user: "cat")
        #expect(isLate)
    }

    @Test func `no client is closed when the one that wanted its place has gone`() {
        var machine = self.machine(users: 1)
        _ = machine.acquireNow(user: "ann")
        _ = machine.acquire(self.waiter(1), user: "bob")
        _ = machine.cancel(self.waiter(1), user: "bob")
        #expect(machine.release(self.slot(1), now: self.at(0)) == .parked(until: self.at(60)))
    }

    @Test func `what nobody uses is closed after the idle limit and not before`() {
        var machine = self.machine()
        for user in ["ann", "bob"] { _ = machine.acquireNow(user: user) }
        _ = machine.release(self.slot(1), now: self.at(0))
        _ = machine.release(self.slot(2), now: self.at(5))
        let early = machine.tick(now: self.at(59))
        #expect(early.close.isEmpty && early.next == self.at(60))
        let late = machine.tick(now: self.at(60))
        #expect(late.close == [self.slot(1)] && late.next == self.at(65))
        #expect(machine.tick(now: self.at(60)).close.isEmpty)
        #expect(machine.closed(self.slot(1)) == nil)
        #expect(machine.acquireNow(user: "ann") == .open(self.slot(3)))
    }

    @Test func `a shutdown turns away who waits and who comes`() {
        var machine = self.machine(users: 1)
        _ = machine.acquireNow(user: "ann")
        _ = machine.acquire(self.waiter(1), user: "bob")
        _ = machine.acquire(self.waiter(2), user: "cat")
        #expect(machine.drain() == [self.waiter(1), self.waiter(2)])
        #expect(machine.acquireNow(user: "ann") == .reject(.shutDown))
        #expect(machine.release(self.slot(1), now: self.at(0)) == .parked(until: self.at(60)))
        #expect(machine.closed(self.slot(1)) == nil && machine.isEmpty)
    }

    @Test(arguments: 0..<40)
    func `whatever happens, places are bounded, nobody is forgotten and no client in use is closed`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var machine = self.machine(users: Int.random(in: 1...4, using: &random), waiters: 12)
        var leased: [(slot: Machine.SlotID, user: String)] = []
        var closing: Set<Machine.SlotID> = []
        var waiting: [Machine.WaiterID: String] = [:]
        var number = 0
        func close(_ id: Machine.SlotID?) {
            guard let id else { return }
            #expect(!leased.contains { $0.slot == id })
            #expect(closing.insert(id).inserted)
        }
        for step in 0..<400 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                number += 1
                let user = "user \(Int.random(in: 0..<8, using: &random))"
                switch machine.acquire(self.waiter(number), user: user) {
                case .lease(let id), .open(let id):
                    #expect(!closing.contains(id) && machine.slots[id]?.user == user)
                    leased.append((id, user))
                case .wait(let id):
                    waiting[self.waiter(number)] = user
                    close(id)
                case .reject(let rejection): #expect(rejection == .queueFull && waiting.count == 12)
                }
            case 2:
                guard let index = leased.indices.randomElement(using: &random) else { continue }
                let (id, _) = leased.remove(at: index)
                if case .close(let other) = machine.release(id, now: self.at(step)) { close(other) }
            case 3:
                guard let id = closing.sorted(by: { $0.number < $1.number }).randomElement(using: &random) else {
                    continue
                }
                closing.remove(id)
                guard let opening = machine.closed(id) else { continue }
                #expect(!opening.waiters.isEmpty)
                for waiter in opening.waiters {
                    #expect(waiting.removeValue(forKey: waiter) == opening.user)
                    leased.append((opening.slot, opening.user))
                }
            default:
                if Bool.random(using: &random) {
                    for id in machine.tick(now: self.at(step)).close { close(id) }
                } else if let (id, user) = waiting.min(by: { $0.key.number < $1.key.number }) {
                    waiting[id] = nil
                    let wasThere = machine.cancel(id, user: user)
                    #expect(wasThere)
                }
            }
            #expect(machine.slots.count <= machine.configuration.maximumUsers)
            #expect(machine.waiting == waiting.count)
            // A request waits only while every place is taken, and by no idle user unless enough are being closed.
            #expect(waiting.isEmpty || machine.slots.count == machine.configuration.maximumUsers)
            let idle = machine.slots.values.contains { if case .idle = $0.state { true } else { false } }
            #expect(!idle || closing.count >= Set(waiting.values).count)
        }
        // Everything given back and closed, everybody who waits is served.
        while !leased.isEmpty || !closing.isEmpty {
            if let (id, _) = leased.popLast() {
                if case .close(let other) = machine.release(id, now: self.at(1000)) { close(other) }
            } else if let id = closing.popFirst(), let opening = machine.closed(id) {
                for waiter in opening.waiters {
                    waiting[waiter] = nil
                    leased.append((opening.slot, opening.user))
                }
            }
        }
        #expect(waiting.isEmpty && machine.waiting == 0)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText

/// Decides which user has a client, who waits for a slot, and whose client is closed to make room.
///
/// Pure: events go in with the time they happened at, decisions come out. A slot is a place for one user's client; it
/// is taken from the moment the client is opened until it is closed, so that connections are bounded at every moment.
/// Users are distinguished by the bytes of their names, as the database does: two names that Unicode takes for
/// equivalent are two roles.
struct UserSlots {
    typealias Instant = ContinuousClock.Instant

    struct SlotID: Hashable, Sendable { var number: Int }
    struct WaiterID: Hashable, Sendable { var number: Int }

    enum State: Hashable {
        /// The slot is used by this many requests, at least one.
        case leased(Int)
        case idle(since: Instant)
        case closing
    }

    struct Slot {
        var user: String
        var state: State
    }

    let configuration: LakebaseClientPool.Configuration
    private(set) var slots: [SlotID: Slot] = [:]
    /// The open slot of each user, without slots that are being closed.
    private var slotOfUser: [ExactText: SlotID] = [:]
    /// Users without a slot, in the order in which they came.
    private var queue: [ExactText] = []
    private var waitersOfUser: [ExactText: [WaiterID]] = [:]
    private(set) var waiting = 0
    private(set) var isDraining = false
    private var lastNumber = 0

    init(configuration: LakebaseClientPool.Configuration) { self.configuration = configuration.bounded }

    var isEmpty: Bool { self.slots.isEmpty && self.waiting == 0 }

    // MARK: Asking

    enum Answer: Hashable {
        /// Use this client.
        case lease(SlotID)
        /// Open a client for that slot and use it.
        case open(SlotID)
        /// Wait; with `close`, that client is to be closed for it.
        case wait(close: SlotID?)
        case reject(Rejection)
    }

    enum Rejection: Hashable {
        case queueFull
        case shutDown
    }

    /// Decides at once, or nil when the user has to wait.
    mutating func acquireNow(user: String) -> Answer? {
        if self.isDraining { return .reject(.shutDown) }
        if let id = self.slotOfUser[ExactText(user)] {
            self.lease(id)
            return .lease(id)
        }
        // A slot that becomes free goes to the first in line at that moment, so no waiter is passed over here.
        if self.slots.count < self.configuration.maximumUsers { return .open(self.open(user, requests: 1)) }
        return nil
    }

    mutating func acquire(_ waiter: WaiterID, user: String) -> Answer {
        if let answer = self.acquireNow(user: user) { return answer }
        guard self.waiting < self.configuration.maximumWaiters else { return .reject(.queueFull) }
        let user = ExactText(user)
        if self.waitersOfUser[user] == nil { self.queue.append(user) }
        self.waitersOfUser[user, default: []].append(waiter)
        self.waiting += 1
        return .wait(close: self.makeRoom())
    }

    /// A waiter gives up; false when it was served already.
    mutating func cancel(_ waiter: WaiterID, user: String) -> Bool {
        let user = ExactText(user)
        guard var waiters = self.waitersOfUser[user], let index = waiters.firstIndex(of: waiter) else { return false }
        waiters.remove(at: index)
        self.waiting -= 1
        if waiters.isEmpty {
            self.waitersOfUser[user] = nil
            self.queue.removeAll { $0 == user }
        } else {
            self.waitersOfUser[user] = waiters
        }
        return true
    }

    // MARK: Giving back

    enum Return: Hashable {
        /// Other requests still use the client, or it is being closed.
        case nothing
        /// No request uses the client; call ``tick(now:)`` at this time at the latest.
        case parked(until: Instant)
        /// This client, or another one, is to be closed for a caller that waits.
        case close(SlotID)
    }

    mutating func release(_ id: SlotID, now: Instant) -> Return {
        guard case .leased(let count)? = self.slots[id]?.state else { return .nothing }
        if count > 1 {
            self.slots[id]?.state = .leased(count - 1)
            return .nothing
        }
        self.slots[id]?.state = .idle(since: now)
        if let close = self.makeRoom() { return .close(close) }
        return .parked(until: now + self.configuration.idleTimeout)
    }

    /// A client for a caller that waited.
    struct Opening: Hashable {
        var slot: SlotID
        var user: String
        var waiters: [WaiterID]
    }

    /// Handles the end of a client, whether asked for or not; the first in line gets its slot.
    mutating func closed(_ id: SlotID) -> Opening? {
        guard let slot = self.slots.removeValue(forKey: id) else { return nil }
        self.forget(id, of: slot.user)
        guard !self.isDraining, self.slots.count < self.configuration.maximumUsers, let user = self.queue.first else {
            return nil
        }
        self.queue.removeFirst()
        let waiters = self.waitersOfUser.removeValue(forKey: user) ?? []
        self.waiting -= waiters.count
        return Opening(slot: self.open(user.text, requests: waiters.count), user: user.text, waiters: waiters)
    }

    // MARK: Time and end

    /// Closes clients whose idle timeout has passed.
    ///
    /// - Returns: The clients to close, and when to tick again; nil when nothing is idle.
    mutating func tick(now: Instant) -> (close: [SlotID], next: Instant?) {
        var close: [SlotID] = []
        var next: Instant?
        for (id, slot) in self.slots {
            guard case .idle(let since) = slot.state else { continue }
            let end = since + self.configuration.idleTimeout
            if end <= now { close.append(id) } else { next = min(next ?? end, end) }
        }
        for id in close { self.close(id) }
        return (close.sorted { $0.number < $1.number }, next)
    }

    /// Stops leasing.
    ///
    /// - Returns: The waiters to turn away.
    mutating func drain() -> [WaiterID] {
        self.isDraining = true
        defer {
            self.queue.removeAll()
            self.waitersOfUser.removeAll()
            self.waiting = 0
        }
        return self.queue.flatMap { self.waitersOfUser[$0] ?? [] }
    }

    // MARK: Inside

    private mutating func open(_ user: String, requests: Int) -> SlotID {
        self.lastNumber += 1
        let id = SlotID(number: self.lastNumber)
        self.slots[id] = Slot(user: user, state: .leased(requests))
        self.slotOfUser[ExactText(user)] = id
        return id
    }

    private mutating func lease(_ id: SlotID) {
        switch self.slots[id]?.state {
        case .leased(let count): self.slots[id]?.state = .leased(count + 1)
        case .idle: self.slots[id]?.state = .leased(1)
        case .closing, nil: break
        }
    }

    private mutating func close(_ id: SlotID) {
        guard let user = self.slots[id]?.user else { return }
        self.slots[id]?.state = .closing
        self.forget(id, of: user)
    }

    private mutating func forget(_ id: SlotID, of user: String) {
        let user = ExactText(user)
        if self.slotOfUser[user] == id { self.slotOfUser[user] = nil }
    }

    /// Closes the client that has been idle for longest, unless as many are being closed as users wait.
    private mutating func makeRoom() -> SlotID? {
        var closing = 0
        var oldest: (since: Instant, id: SlotID)?
        for (id, slot) in self.slots {
            switch slot.state {
            case .closing: closing += 1
            case .idle(let since):
                if oldest.map({ since < $0.since || (since == $0.since && id.number < $0.id.number) }) ?? true {
                    oldest = (since, id)
                }
            case .leased: break
            }
        }
        guard closing < self.queue.count, let oldest else { return nil }
        self.close(oldest.id)
        return oldest.id
    }
}

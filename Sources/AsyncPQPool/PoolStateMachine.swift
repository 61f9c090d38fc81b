//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The decisions of a pool: which caller gets which connection, which callers wait, what to open and close.
///
/// Pure: events go in with the time at which they happened, actions come out. It opens nothing, does not sleep and
/// reads no clock. `Connection` is opaque to it; tests use strings.
struct PoolStateMachine<Connection> {
    typealias Instant = ContinuousClock.Instant

    struct ConnectionID: Hashable, Sendable { var number: Int }
    struct WaiterID: Hashable, Sendable { var number: Int }

    enum State {
        case connecting
        case idle(since: Instant)
        case leased
        /// Used by one-shot statements of several callers.
        case shared(Sharing)
    }

    struct Entry {
        var state: State
        var connection: Connection?
        /// When it is too old to be leased again.
        var retiresAt: Instant?
        /// Whether it was opened before another connection was found dead, so that it has to be checked.
        var isSuspect = false
        /// Whether it was told to retire before its age limit, with all others.
        var isReplaced = false
        /// Until when short statements share it rather than have it to themselves, after it was shared and became idle.
        var sharesUntil: Instant?
    }

    struct Waiter {
        var id: WaiterID
        var deadline: Instant
        /// Whether its statement may run on a connection beside others.
        var mayShare = false
    }

    var configuration: PQPoolConfiguration
    var entries = PoolEntries<ConnectionID, Entry>()
    /// Idle connections, the most recently used last: that one is leased next, so that the others can expire.
    var idle: [ConnectionID] = []
    var waiters = FIFO<Waiter>()
    /// Waiters whose time was over at their turn; they are out of the line and still have to be told.
    var expired: [WaiterID] = []
    /// Connections near the end of their life, by their replacement that is being opened, and the reverse.
    var replacements = Replacements()
    /// Why connections are to be closed that are not closed yet.
    var closing: [ConnectionID: PQPoolCloseReason] = [:]
    var leasedCount = 0
    private(set) var connectingCount = 0
    private(set) var isDraining = false
    /// Whether the pool is paused: it leases and opens no connections.
    var isPaused = false
    /// After a failure no attempt to connect begins before this time while other connections are open.
    private(set) var connectNotBefore: Instant?
    /// When the opening of each connection began.
    var beginnings: [ConnectionID: Instant] = [:]
    /// After a connection was opened, no other is opened for waiting callers before this time: one may be enough.
    var growNotBefore: Instant?
    /// After a failure or a loss, the minimum is not restored before this time.
    private var minimumNotBefore: Instant?
    private var consecutiveFailures = 0
    /// Whether the last attempt failed because the server is full, so that callers keep waiting.
    private var waitsForRoom = false
    private var nextNumber = 0

    init(configuration: PQPoolConfiguration) { self.configuration = configuration }

    var size: Int { self.entries.count }
    /// Whether a shutdown has nothing left to wait for.
    var isDrained: Bool { self.isDraining && self.entries.isEmpty && self.waiters.isEmpty }
    /// Whether a shutdown waits for nothing but attempts to connect, whose connections no caller would get.
    var hasOnlyUnwantedAttempts: Bool {
        self.isDraining && self.waiters.isEmpty && self.entries.count == self.connectingCount
    }

    // MARK: Leasing

    enum AcquireAction {
        /// Lease this connection; with `check`, only after a liveness check.
        case lease(ConnectionID, Connection, check: Bool)
        /// Wait, and tick at the latest at `until`; with `connect`, open a connection with that id.
        case wait(connect: ConnectionID?, until: Instant)
        case reject(Rejection)
    }

    enum Rejection: Hashable {
        case queueFull
        case shutDown
        /// The caller's time is over already.
        case tooLate
    }

    /// Leases an idle connection, if there is one and no caller waits.
    ///
    /// - Parameter mayShare: Whether the caller rather joins one that was shared until a moment ago, see ``join(now:)``:
    ///   that one is not leased.
    mutating func leaseIdle(
        mayShare: Bool = false, now: Instant
    ) -> (id: ConnectionID, connection: Connection, check: Bool)? {
        guard self.waiters.isEmpty, !self.isDraining, !self.isPaused, let id = self.idle.last,
            let index = self.entries.index(of: id),
            case .idle(let since) = self.entries[at: index].state, let connection = self.entries[at: index].connection,
            !mayShare || !self.isStillShared(index, now: now)
        else { return nil }
        self.idle.removeLast()
        self.entries[at: index].state = .leased
        let check =
            self.entries[at: index].isSuspect || since.duration(to: now) >= self.configuration.livenessCheckAfter
        self.entries[at: index].isSuspect = false
        self.leasedCount += 1
        return (id, connection, check)
    }

    mutating func acquire(
        _ waiter: WaiterID, deadline: Instant, mayShare: Bool = false, now: Instant
    ) -> AcquireAction {
        if self.isDraining { return .reject(.shutDown) }
        guard deadline > now else { return .reject(.tooLate) }
        if let lease = self.leaseIdle(now: now) { return .lease(lease.id, lease.connection, check: lease.check) }
        guard self.waiters.count < self.configuration.maximumWaiters else { return .reject(.queueFull) }
        self.waiters.append(Waiter(id: waiter, deadline: deadline, mayShare: mayShare))
        return self.waitAction(deadline: deadline, now: now)
    }

    /// Puts a waiter that got a dead connection back to the front, even if the line is full.
    mutating func acquireAgain(_ waiter: WaiterID, deadline: Instant, now: Instant) -> AcquireAction {
        // Without its dead connection the shutdown may be complete, and no other connection is opened.
        if self.isDraining { return .reject(.shutDown) }
        guard deadline > now else { return .reject(.tooLate) }
        if let lease = self.leaseIdle(now: now) { return .lease(lease.id, lease.connection, check: lease.check) }
        self.waiters.prepend(Waiter(id: waiter, deadline: deadline))
        return self.waitAction(deadline: deadline, now: now)
    }

    private mutating func waitAction(deadline: Instant, now: Instant) -> AcquireAction {
        let connect = self.connectForWaiters(now: now)
        guard connect == nil, !self.isPaused else { return .wait(connect: connect, until: deadline) }
        // No other event may have asked for the tick that ends a pause.
        var until = deadline
        if let end = self.connectNotBefore, end > now { until = min(until, end) }
        if let end = self.growNotBefore, end > now { until = min(until, end) }
        return .wait(connect: nil, until: until)
    }

    /// Forgets a waiter that was cancelled.
    ///
    /// False when it has got its connection, or its error, already.
    mutating func cancel(_ waiter: WaiterID) -> Bool {
        self.waiters.removeFirst { $0.id == waiter } != nil
    }

    // MARK: Coming back

    enum ReturnAction {
        /// Give the connection to the first in line; with `check`, only after a liveness check. With `connect`, open
        /// one for the callers after it.
        case handOff(WaiterID, Connection, check: Bool, connect: ConnectionID?)
        /// Give the connection to these callers, who share it. With `connect`, open one for the callers after them.
        case share([WaiterID], Connection, connect: ConnectionID?)
        /// No caller needs it now; tick at the latest at `until`.
        case park(until: Instant)
        /// Close the connection that it replaces; no caller needs it now; tick at the latest at `until`.
        case parkInstead(of: Connection, until: Instant)
        /// Close it; with `connect`, open another for waiting callers.
        case close(Connection, connect: ConnectionID?)
        /// The pool does not know the connection.
        case ignore
    }

    /// Handles the release of a leased connection.
    mutating func release(_ id: ConnectionID, reusable: Bool, now: Instant) -> ReturnAction {
        guard let index = self.entries.index(of: id), case .leased = self.entries[at: index].state,
            let connection = self.entries[at: index].connection
        else { return .ignore }
        self.leasedCount -= 1
        // A session that is to be replaced is not leased again, not even while its replacement is being opened.
        let tooOld =
            self.entries[at: index].isReplaced
            || self.isOver(id, retiresAt: self.entries[at: index].retiresAt, now: now)
        let fits = self.entries.count <= self.configuration.maximumConnections
        guard reusable, !tooOld, fits, !self.isDraining || !self.waiters.isEmpty else {
            let reason = self.reasonToClose(self.entries[at: index], reusable: reusable, tooOld: tooOld, fits: fits)
            let replaced = self.forget(id, because: reason)
            var connect = self.connectForWaiters(now: now)
            if connect == nil, tooOld, !replaced { connect = self.connectInstead(now: now) }
            return .close(connection, connect: connect)
        }
        return self.place(id, connection, now: now)
    }

    /// Handles a connection that was opened.
    mutating func connected(_ id: ConnectionID, _ connection: Connection, retiresAt: Instant, now: Instant)
        -> ReturnAction
    {
        guard let index = self.entries.index(of: id), case .connecting = self.entries[at: index].state else {
            return .close(connection, connect: nil)
        }
        self.connectingCount -= 1
        self.consecutiveFailures = 0
        self.waitsForRoom = false
        self.connectNotBefore = nil
        let beginning = self.beginnings.removeValue(forKey: id) ?? now
        if self.waiters.count > 1 { self.settleBeforeGrowing(after: beginning, now: now) }
        let fits = self.entries.count <= self.configuration.maximumConnections
        guard fits, !self.isDraining || !self.waiters.isEmpty else {
            self.forget(id, because: fits ? .shutDown : .surplus)
            return .close(connection, connect: nil)
        }
        // Begun before a loss perhaps, but logged in after it.
        self.entries[at: index].isSuspect = false
        self.entries[at: index].connection = connection
        self.entries[at: index].retiresAt = retiresAt
        if let (old, since) = self.takePlace(id, now: now) {
            return .parkInstead(of: old, until: self.park(id, since: since))
        }
        return self.place(id, connection, now: now)
    }

    private func reasonToClose(_ entry: Entry, reusable: Bool, tooOld: Bool, fits: Bool) -> PQPoolCloseReason {
        if !reusable { return .unusable }
        if tooOld { return entry.isReplaced ? .replaced : .aged }
        return fits ? .shutDown : .surplus
    }

    private mutating func place(_ id: ConnectionID, _ connection: Connection, now: Instant) -> ReturnAction {
        let sharers = self.shareFree(id, now: now)
        if !sharers.isEmpty { return .share(sharers, connection, connect: self.connectForWaiters(now: now)) }
        if let waiter = self.nextWaiter(now: now), let index = self.entries.index(of: id) {
            let check = self.entries[at: index].isSuspect
            self.entries[at: index].state = .leased
            self.entries[at: index].isSuspect = false
            self.leasedCount += 1
            return .handOff(waiter.id, connection, check: check, connect: self.connectForWaiters(now: now))
        }
        return .park(until: self.park(id, since: self.replacements.takeIdleSince(of: id) ?? now))
    }

    /// The first in line whose time is not over.
    mutating func nextWaiter(now: Instant) -> Waiter? {
        while !self.isPaused, let waiter = self.waiters.popFirst() {
            if waiter.deadline > now { return waiter }
            self.expired.append(waiter.id)
        }
        return nil
    }

    // MARK: What goes wrong

    /// Handles an attempt to open a connection that has failed for good.
    ///
    /// Returns the waiters that are to get the error.
    ///
    /// While other connections are open or being opened, the waiters may still be served by those: they keep waiting,
    /// and connecting is retried later. Without any, waiting is hopeless, unless the server is full.
    mutating func connectFailed(_ id: ConnectionID, isForLackOfRoom: Bool = false, now: Instant) -> [WaiterID] {
        guard let entry = self.entries[id], case .connecting = entry.state else { return [] }
        self.forget(id, because: nil)
        self.connectingCount -= 1
        // Attempts that ran side by side fail for one reason, and count as one failure.
        if self.connectNotBefore.map({ $0 <= now }) ?? true {
            self.consecutiveFailures += 1
            let pause = min(1 << min(self.consecutiveFailures - 1, 5), 30)
            self.connectNotBefore = now + .seconds(pause)
            self.minimumNotBefore = self.connectNotBefore
        }
        self.waitsForRoom = isForLackOfRoom
        guard self.entries.isEmpty, !isForLackOfRoom else { return [] }
        // The next callers learn the current state at once, from an attempt of their own.
        self.connectNotBefore = nil
        return self.waiters.removeAll().map(\.id)
    }

    struct LossAction {
        var close: [Connection] = []
        var connect: ConnectionID?
    }

    /// Handles a connection that was found closed or dead.
    ///
    /// The same cause has likely killed the other idle connections too.
    mutating func lost(_ id: ConnectionID, now: Instant) -> LossAction {
        guard let entry = self.entries[id] else { return LossAction() }
        self.forget(id, because: nil)
        switch entry.state {
        case .connecting: self.connectingCount -= 1
        case .leased, .shared: self.leasedCount -= 1
        case .idle: self.idle.removeAll { $0 == id }
        }
        var action = LossAction()
        for other in self.idle {
            if let connection = self.entries[other]?.connection { action.close.append(connection) }
            self.forget(other, because: .suspect)
        }
        self.idle.removeAll()
        for index in self.entries.keys.indices { self.entries[at: index].isSuspect = true }
        // A server that ends every session at once is not to be asked for new ones in a tight loop.
        self.minimumNotBefore = max(self.minimumNotBefore ?? now, now + .seconds(1))
        action.connect = self.connectForWaiters(now: now)
        return action
    }

    // MARK: Time

    struct TickAction {
        var close: [Connection] = []
        var timedOut: [WaiterID] = []
        var connect: [ConnectionID] = []
        /// The time of the next tick at the latest; nil when only another event can change anything.
        var next: Instant?
    }

    /// Does the work that is due: closes connections that were idle or alive for too long, gives up on waiters, opens
    /// missing ones.
    mutating func tick(now: Instant) -> TickAction {
        var action = TickAction()
        self.closeExpired(now: now, &action)
        for waiter in self.waiters.removeAll(where: { $0.deadline <= now }) { action.timedOut.append(waiter.id) }
        while let id = self.connectForWaiters(now: now) ?? self.connectForMinimum(now: now) {
            action.connect.append(id)
        }
        action.connect += self.connectReplacements(now: now)
        action.next = self.nextDeadline(now: now)
        return action
    }

    private mutating func closeExpired(now: Instant, _ action: inout TickAction) {
        var kept: [ConnectionID] = []
        // The ones idle for longest come first.
        for id in self.idle {
            guard let entry = self.entries[id], case .idle(let since) = entry.state else { continue }
            let tooOld = self.isOver(id, retiresAt: entry.retiresAt, now: now)
            let idleTooLong =
                since.duration(to: now) >= self.configuration.idleTimeout
                && self.lastingCount > self.configuration.minimumConnections
            guard tooOld || idleTooLong else {
                kept.append(id)
                continue
            }
            if let connection = entry.connection { action.close.append(connection) }
            let isWanted = self.isWanted(entry, now: now)
            // There was no room for its replacement before.
            if !self.forget(id, because: tooOld ? .aged : .idle), tooOld, !idleTooLong, isWanted,
                let heir = self.connectInstead(now: now)
            {
                self.replacements.inherit(heir, idleSince: since)
                action.connect.append(heir)
            }
        }
        self.idle = kept
    }

    private func nextDeadline(now: Instant) -> Instant? {
        var next: Instant?
        func consider(_ instant: Instant?) {
            guard let instant else { return }
            next = next.map { min($0, instant) } ?? instant
        }
        for id in self.idle {
            guard let entry = self.entries[id], case .idle(let since) = entry.state else { continue }
            // While its replacement is being opened, that event decides and not the clock.
            if !self.replacements.awaitsReplacement(id) { consider(entry.retiresAt) }
            if self.lastingCount > self.configuration.minimumConnections {
                consider(since + self.configuration.idleTimeout)
            }
        }
        consider(self.nextReplacement(now: now))
        for waiter in self.waiters.elements { consider(waiter.deadline) }
        // After the pause only the maximum keeps connections from being opened, and an event will make room.
        if !self.waiters.isEmpty, !self.isPaused, let retry = self.connectNotBefore, retry > now { consider(retry) }
        if !self.waiters.isEmpty, let grow = self.growNotBefore, grow > now { consider(grow) }
        if self.isBelowMinimum, let retry = self.minimumNotBefore, retry > now { consider(retry) }
        return next
    }

    // MARK: The end

    /// Begins to shut down: leases nothing new, closes idle connections.
    ///
    /// Callers that wait already are still served.
    mutating func drain() -> [Connection] {
        self.isDraining = true
        return self.takeIdle(because: .shutDown)
    }

    /// Gives up on all connections and waiters, when the drain timeout has passed or the task was cancelled.
    mutating func abandon() -> (close: [Connection], waiters: [WaiterID]) {
        self.isDraining = true
        let connections = self.entries.values.compactMap(\.connection)
        self.entries.removeAll()
        self.idle.removeAll()
        self.replacements = Replacements()
        self.beginnings.removeAll()
        self.leasedCount = 0
        self.connectingCount = 0
        return (connections, self.waiters.removeAll().map(\.id))
    }

    // MARK: Opening

    /// How many connections are opened at the same time for waiting callers.
    ///
    /// Opening takes longer than most queries. In a burst of short queries, released connections serve the line before
    /// a new connection for each caller would be ready, and the new ones would then be idle.
    static var maximumParallelConnects: Int { 4 }

    private var isBelowMinimum: Bool {
        !self.isDraining && !self.isPaused && self.entries.count < self.configuration.minimumConnections
    }

    /// Names a connection to open, if more callers wait than connections are being opened and there is room.
    mutating func connectForWaiters(now: Instant) -> ConnectionID? {
        guard self.connectingCount < min(self.waiters.count, Self.maximumParallelConnects), !self.isPaused else {
            return nil
        }
        // With nothing open any more, waiting for the pause to end would be waiting for nothing.
        if let connectNotBefore, connectNotBefore > now, !self.entries.isEmpty || self.waitsForRoom { return nil }
        if let growNotBefore, growNotBefore > now, self.entries.count > self.connectingCount { return nil }
        return self.startConnecting(now: now)
    }

    mutating func connectForMinimum(now: Instant) -> ConnectionID? {
        guard self.isBelowMinimum else { return nil }
        if let minimumNotBefore, minimumNotBefore > now { return nil }
        return self.startConnecting(now: now)
    }

    mutating func startConnecting(now: Instant) -> ConnectionID? {
        guard self.entries.count < self.configuration.maximumConnections else { return nil }
        self.nextNumber += 1
        let id = ConnectionID(number: self.nextNumber)
        self.entries[id] = Entry(state: .connecting)
        self.beginnings[id] = now
        self.connectingCount += 1
        return id
    }
}

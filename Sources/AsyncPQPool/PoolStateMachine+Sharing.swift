//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Connections that one-shot statements of several callers share, while no connection is idle.
extension PoolStateMachine {
    /// The statements on a shared connection.
    struct Sharing {
        /// How many there are.
        var count: Int
        /// When the latest of them was done, or the first one came.
        var progress: Instant
    }

    private var depth: Int { self.configuration.sharingDepth }

    /// Adds a short statement to a connection that runs only such.
    ///
    /// The one with the fewest statements is chosen, or the idle one used last if it was shared until a moment ago. Nil
    /// where there is none, where callers wait who came before, where another is idle, and where a connection would be
    /// opened for the caller.
    mutating func join(now: Instant) -> (id: ConnectionID, connection: Connection)? {
        guard self.waiters.isEmpty, !self.isDraining, !self.isPaused else { return nil }
        guard self.idle.isEmpty else { return self.joinIdle(now: now) }
        guard !self.wouldGrow(now: now) else { return nil }
        var best: Int?
        var fewest = self.depth
        for index in self.entries.keys.indices {
            guard case .shared(let sharing) = self.entries[at: index].state, sharing.count < fewest,
                self.isJoinable(index, sharing, now: now)
            else { continue }
            (best, fewest) = (index, sharing.count)
        }
        guard let best, let connection = self.entries[at: best].connection else { return nil }
        self.addSharers(1, at: best)
        return (self.entries.keys[best], connection)
    }

    /// Goes on sharing the idle connection used last.
    private mutating func joinIdle(now: Instant) -> (id: ConnectionID, connection: Connection)? {
        guard let id = self.idle.last, let index = self.entries.index(of: id), self.isStillShared(index, now: now),
            let connection = self.entries[at: index].connection
        else { return nil }
        self.idle.removeLast()
        self.entries[at: index].state = .shared(Sharing(count: 1, progress: now))
        self.leasedCount += 1
        return (id, connection)
    }

    /// How long a connection without statements still counts as shared.
    ///
    /// Callers who got their answers together ask again at nearly the same time. One of them alone on the connection would
    /// make the others wait for the end of its statement, and each statement would be a transaction by itself.
    private static var stillShared: Duration { .milliseconds(1) }

    /// Whether short statements are to share an idle connection.
    func isStillShared(_ index: Int, now: Instant) -> Bool {
        let entry = self.entries[at: index]
        guard let sharesUntil = entry.sharesUntil, sharesUntil > now else { return false }
        return !entry.isSuspect && !self.isOver(self.entries.keys[index], retiresAt: entry.retiresAt, now: now)
    }

    private func isJoinable(_ index: Int, _ sharing: Sharing, now: Instant) -> Bool {
        let entry = self.entries[at: index]
        return !entry.isSuspect && sharing.progress.duration(to: now) < self.configuration.sharing.stall
            && self.entries.count <= self.configuration.maximumConnections
            && !self.isOver(self.entries.keys[index], retiresAt: entry.retiresAt, now: now)
    }

    private mutating func addSharers(_ count: Int, at index: Int) {
        guard case .shared(var sharing) = self.entries[at: index].state else { return }
        sharing.count += count
        self.entries[at: index].state = .shared(sharing)
    }

    /// The connections that statements share.
    var sharedConnections: [Connection] {
        self.entries.values.compactMap { entry in
            if case .shared = entry.state { entry.connection } else { nil }
        }
    }

    /// Handles the end of statements on a shared connection.
    ///
    /// - Parameter count: How many have ended.
    /// - Parameter isAlive: Whether the server answered.
    mutating func leave(_ id: ConnectionID, count: Int = 1, isAlive: Bool, now: Instant) -> ReturnAction {
        guard let index = self.entries.index(of: id), case .shared(var sharing) = self.entries[at: index].state,
            let connection = self.entries[at: index].connection
        else { return .ignore }
        if isAlive {
            sharing.progress = now
            self.entries[at: index].isSuspect = false
        }
        sharing.count -= count
        guard sharing.count > 0 else {
            self.entries[at: index].state = .leased
            let action = self.release(id, reusable: true, now: now)
            if isAlive, case .park = action { self.entries[id]?.sharesUntil = now + Self.stillShared }
            return action
        }
        self.entries[at: index].state = .shared(sharing)
        guard isAlive, self.isJoinable(index, sharing, now: now) else { return .ignore }
        let sharers = self.takeSharers(room: self.depth - sharing.count, now: now)
        guard !sharers.isEmpty else { return .ignore }
        self.addSharers(sharers.count, at: index)
        return .share(sharers, connection, connect: self.connectForWaiters(now: now))
    }

    /// Begins to share a free connection, if the first callers in line may.
    mutating func shareFree(_ id: ConnectionID, now: Instant) -> [WaiterID] {
        guard self.depth > 1, let index = self.entries.index(of: id), !self.entries[at: index].isSuspect else {
            return []
        }
        let sharers = self.takeSharers(room: self.depth, now: now)
        guard !sharers.isEmpty else { return [] }
        self.entries[at: index].state = .shared(Sharing(count: sharers.count, progress: now))
        self.leasedCount += 1
        return sharers
    }

    /// Removes and returns the first in line who may share, until one who may not.
    ///
    /// No more than the connections in use would get each if all shared the line.
    private mutating func takeSharers(room: Int, now: Instant) -> [WaiterID] {
        guard room > 0, !self.isPaused, !self.waiters.isEmpty else { return [] }
        let inUse = max(1, self.leasedCount)
        let share = min(room, (self.waiters.count + inUse - 1) / inUse)
        var sharers: [WaiterID] = []
        while sharers.count < share, let first = self.waiters.elements.first, first.mayShare {
            guard let waiter = self.waiters.popFirst() else { break }
            if waiter.deadline > now { sharers.append(waiter.id) } else { self.expired.append(waiter.id) }
        }
        return sharers
    }

    /// Whether a connection would be opened for one more waiting caller.
    private func wouldGrow(now: Instant) -> Bool {
        guard self.connectingCount == 0, self.entries.count < self.configuration.maximumConnections else {
            return false
        }
        if let connectNotBefore, connectNotBefore > now { return false }
        if let growNotBefore, growNotBefore > now { return false }
        return true
    }
}

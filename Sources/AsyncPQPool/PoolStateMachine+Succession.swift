//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PoolStateMachine {
    /// Who takes whose place.
    ///
    /// A connection near the end of its life stays in use until its successor is open, so that there is never one fewer
    /// than there was.
    struct Succession {
        /// By the old connection, until it is gone: the one opened in its place.
        private var successors: [ConnectionID: ConnectionID] = [:]
        /// By the new connection while it is being opened: the old one.
        private var predecessors: [ConnectionID: ConnectionID] = [:]
        /// By the new connection while it is being opened: since when the old one, which is gone, had been idle.
        private var idleSince: [ConnectionID: Instant] = [:]

        /// How many connections are being opened as replacements of open ones.
        var openingCount: Int { self.predecessors.count }

        func hasSuccessor(_ id: ConnectionID) -> Bool { self.successors[id] != nil }

        /// Whether one is being opened in its place.
        func awaitsSuccessor(_ id: ConnectionID) -> Bool {
            guard !self.predecessors.isEmpty, let new = self.successors[id] else { return false }
            return self.predecessors[new] != nil
        }

        mutating func begin(_ new: ConnectionID, inPlaceOf old: ConnectionID) {
            self.successors[old] = new
            self.predecessors[new] = old
        }

        mutating func inherit(_ id: ConnectionID, idleSince: Instant) { self.idleSince[id] = idleSince }

        mutating func takeIdleSince(of id: ConnectionID) -> Instant? {
            guard !self.idleSince.isEmpty else { return nil }
            return self.idleSince.removeValue(forKey: id)
        }

        /// The one whose place `id`, which is open now, is to take.
        mutating func takePredecessor(of id: ConnectionID) -> ConnectionID? {
            guard !self.predecessors.isEmpty else { return nil }
            return self.predecessors.removeValue(forKey: id)
        }

        /// Strikes out a connection that is gone; returns whether another one had been begun in its place.
        mutating func forget(_ id: ConnectionID) -> Bool {
            guard !self.successors.isEmpty || !self.idleSince.isEmpty else { return false }
            self.idleSince[id] = nil
            if let old = self.predecessors.removeValue(forKey: id) { self.successors[old] = nil }
            guard let new = self.successors.removeValue(forKey: id) else { return false }
            self.predecessors[new] = nil
            return true
        }
    }

    /// How long before the end of a connection's life its successor is opened.
    ///
    /// As long as opening may take, but never more than a twentieth of the life.
    var successionLead: Duration { min(self.configuration.connectTimeout, self.configuration.maximumAge / 20) }

    /// Whether a connection is not to be leased again.
    ///
    /// Past its age limit it still is while its successor is being opened, which takes as long as opening does.
    func isOver(_ id: ConnectionID, retiresAt: Instant?, now: Instant) -> Bool {
        guard let retiresAt, retiresAt <= now else { return false }
        return !self.succession.awaitsSuccessor(id)
    }

    /// When a successor is due for a connection that lives until `retiresAt`.
    func successionDue(retiresAt: Instant) -> Instant { retiresAt - self.successionLead }

    /// When to tick at the latest after a connection was opened that lives until `retiresAt`.
    func dueAfterConnecting(retiresAt: Instant) -> Instant {
        let due = self.successionDue(retiresAt: retiresAt)
        return self.waiters.isEmpty ? due : min(due, self.growNotBefore ?? due)
    }

    /// How many connections there will be when successors have taken the place of those they are opened for.
    var lastingCount: Int { self.entries.count - self.succession.openingCount }

    /// Strikes out a connection; returns whether another one had been begun in its place.
    @discardableResult
    mutating func forget(_ id: ConnectionID) -> Bool {
        self.entries[id] = nil
        if !self.beginnings.isEmpty { self.beginnings[id] = nil }
        return self.succession.forget(id)
    }

    /// Whether a connection is missed when it goes: it is leased, was lately, or the minimum needs it.
    ///
    /// A connection unused for half of the idle limit is about to be closed anyway.
    func isWanted(_ entry: Entry, now: Instant) -> Bool {
        switch entry.state {
        case .connecting: false
        case .leased: true
        case .idle(let since):
            since.duration(to: now) < self.configuration.idleTimeout / 2
                || self.lastingCount <= self.configuration.minimumConnections
        }
    }

    /// Opens successors for those near the end of their life, as far as there is room.
    mutating func connectSuccessors(now: Instant) -> [ConnectionID] {
        guard self.mayReplace(now: now) else { return [] }
        let due = self.entries.filter { id, entry in
            guard let retiresAt = entry.retiresAt, !self.succession.hasSuccessor(id) else { return false }
            return self.successionDue(retiresAt: retiresAt) <= now && self.isWanted(entry, now: now)
        }
        var opened: [ConnectionID] = []
        for (id, _) in due {
            guard let successor = self.startConnecting(now: now) else { break }
            self.succession.begin(successor, inPlaceOf: id)
            opened.append(successor)
        }
        return opened
    }

    /// Opens one in the place of a connection that is closed at the end of its life.
    mutating func connectInstead(now: Instant) -> ConnectionID? {
        self.mayReplace(now: now) ? self.startConnecting(now: now) : nil
    }

    private func mayReplace(now: Instant) -> Bool {
        !self.isDraining && !self.isPaused && self.connectNotBefore.map { $0 <= now } ?? true
    }

    /// When the next successor is due, or may be tried again.
    func nextSuccession(now: Instant) -> Instant? {
        guard !self.isDraining, !self.isPaused else { return nil }
        var next: Instant?
        for (id, entry) in self.entries {
            guard let retiresAt = entry.retiresAt, !self.succession.hasSuccessor(id) else { continue }
            var due = self.successionDue(retiresAt: retiresAt)
            // Overdue: an attempt failed, or there is no room, which an event will bring.
            if due <= now, let retry = self.connectNotBefore { due = retry }
            if due > now { next = next.map { min($0, due) } ?? due }
        }
        return next
    }

    /// Lets a connection that was just opened take the place it was opened for.
    ///
    /// Returns the old connection, to be closed, and since when it was idle. Nil when there is none to be closed now: a
    /// leased one is closed when it is released.
    mutating func succeed(_ id: ConnectionID, now: Instant) -> (old: Connection, idleSince: Instant)? {
        guard let old = self.succession.takePredecessor(of: id), let entry = self.entries[old] else { return nil }
        switch entry.state {
        case .connecting: return nil
        case .leased:
            self.entries[old]?.retiresAt = now
            return nil
        case .idle(let since):
            guard let connection = entry.connection else { return nil }
            self.idle.removeAll { $0 == old }
            self.forget(old)
            return (connection, since)
        }
    }

    /// Puts a connection to the idle ones, in the order of their last use; returns when it has to go at the latest.
    mutating func park(_ id: ConnectionID, since: Instant) -> Instant {
        let idleEnd = since + self.configuration.idleTimeout
        guard let entry = self.entries.index(of: id) else { return idleEnd }
        self.entries[at: entry].state = .idle(since: since)
        var index = self.idle.endIndex
        while index > self.idle.startIndex, let other = self.entries.index(of: self.idle[index - 1]),
            case .idle(let before) = self.entries[at: other].state, before > since
        {
            index -= 1
        }
        self.idle.insert(id, at: index)
        return min(idleEnd, self.entries[at: entry].retiresAt ?? idleEnd)
    }
}

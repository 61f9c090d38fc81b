//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PoolStateMachine {
    /// Which connections are being replaced by which.
    ///
    /// A connection near the end of its life stays in use until its replacement is open, so that there is never one
    /// fewer than there was.
    struct Replacements {
        /// The replacement of each old connection, until the old one is closed.
        private var newByOld: [ConnectionID: ConnectionID] = [:]
        /// The old connection of each replacement that is being opened.
        private var oldByNew: [ConnectionID: ConnectionID] = [:]
        /// For each replacement that is being opened for a connection closed meanwhile: since when that one was idle.
        private var idleSince: [ConnectionID: Instant] = [:]

        /// How many connections are being opened as replacements of open ones.
        var openingCount: Int { self.oldByNew.count }

        func hasReplacement(_ id: ConnectionID) -> Bool { self.newByOld[id] != nil }

        /// Whether a replacement for the connection is being opened.
        func awaitsReplacement(_ id: ConnectionID) -> Bool {
            guard !self.oldByNew.isEmpty, let new = self.newByOld[id] else { return false }
            return self.oldByNew[new] != nil
        }

        mutating func begin(_ new: ConnectionID, inPlaceOf old: ConnectionID) {
            self.newByOld[old] = new
            self.oldByNew[new] = old
        }

        mutating func inherit(_ id: ConnectionID, idleSince: Instant) { self.idleSince[id] = idleSince }

        mutating func takeIdleSince(of id: ConnectionID) -> Instant? {
            guard !self.idleSince.isEmpty else { return nil }
            return self.idleSince.removeValue(forKey: id)
        }

        /// Removes and returns the connection that `id`, which is open now, replaces.
        mutating func takeReplaced(of id: ConnectionID) -> ConnectionID? {
            guard !self.oldByNew.isEmpty else { return nil }
            return self.oldByNew.removeValue(forKey: id)
        }

        /// Removes a closed connection; returns whether its replacement was being opened.
        mutating func forget(_ id: ConnectionID) -> Bool {
            guard !self.newByOld.isEmpty || !self.idleSince.isEmpty else { return false }
            self.idleSince[id] = nil
            if let old = self.oldByNew.removeValue(forKey: id) { self.newByOld[old] = nil }
            guard let new = self.newByOld.removeValue(forKey: id) else { return false }
            self.oldByNew[new] = nil
            return true
        }
    }

    /// How long before the end of a connection's life its replacement is opened.
    ///
    /// As long as opening may take, but never more than a twentieth of the life.
    var replacementLead: Duration { min(self.configuration.connectTimeout, self.configuration.maximumAge / 20) }

    /// Whether a connection is not to be leased again.
    ///
    /// Past its age limit it is still leased while its replacement is being opened, which takes as long as opening
    /// does.
    func isOver(_ id: ConnectionID, retiresAt: Instant?, now: Instant) -> Bool {
        guard let retiresAt, retiresAt <= now else { return false }
        return !self.replacements.awaitsReplacement(id)
    }

    /// When to open the replacement of a connection that retires at `retiresAt`.
    func replacementDue(retiresAt: Instant) -> Instant { retiresAt - self.replacementLead }

    /// The time of the next tick at the latest, after a connection was opened that retires at `retiresAt`.
    func dueAfterConnecting(retiresAt: Instant) -> Instant {
        let due = self.replacementDue(retiresAt: retiresAt)
        return self.waiters.isEmpty ? due : min(due, self.growNotBefore ?? due)
    }

    /// How many connections there will be when all replacements are done.
    var lastingCount: Int { self.entries.count - self.replacements.openingCount }

    /// Removes a connection; returns whether its replacement was being opened.
    ///
    /// - Parameter reason: Why it is to be closed; nil if it is not open, or no longer.
    @discardableResult
    mutating func forget(_ id: ConnectionID, because reason: PQPoolCloseReason?) -> Bool {
        self.entries[id] = nil
        if let reason { self.closing[id] = reason }
        if !self.beginnings.isEmpty { self.beginnings[id] = nil }
        return self.replacements.forget(id)
    }

    /// Whether a connection has to be replaced when it retires: it is leased, was used recently, or the minimum needs
    /// it.
    ///
    /// A connection unused for half of the idle limit is about to be closed anyway.
    func isWanted(_ entry: Entry, now: Instant) -> Bool {
        switch entry.state {
        case .connecting: false
        case .leased, .shared: true
        case .idle(let since):
            since.duration(to: now) < self.configuration.idleTimeout / 2
                || self.lastingCount <= self.configuration.minimumConnections
        }
    }

    /// Opens replacements for connections near the end of their life, as far as there is room.
    mutating func connectReplacements(now: Instant) -> [ConnectionID] {
        guard self.mayReplace(now: now) else { return [] }
        let due = self.entries.filter { id, entry in
            guard let retiresAt = entry.retiresAt, !self.replacements.hasReplacement(id) else { return false }
            return self.replacementDue(retiresAt: retiresAt) <= now && self.isWanted(entry, now: now)
        }
        var opened: [ConnectionID] = []
        for (id, _) in due {
            guard let replacement = self.startConnecting(now: now) else { break }
            self.replacements.begin(replacement, inPlaceOf: id)
            opened.append(replacement)
        }
        return opened
    }

    /// Opens a replacement for a connection that is closed at the end of its life.
    mutating func connectInstead(now: Instant) -> ConnectionID? {
        self.mayReplace(now: now) ? self.startConnecting(now: now) : nil
    }

    private func mayReplace(now: Instant) -> Bool {
        !self.isDraining && !self.isPaused && self.connectNotBefore.map { $0 <= now } ?? true
    }

    /// When the next replacement is due, or may be retried.
    func nextReplacement(now: Instant) -> Instant? {
        guard !self.isDraining, !self.isPaused else { return nil }
        var next: Instant?
        for (id, entry) in self.entries {
            guard let retiresAt = entry.retiresAt, !self.replacements.hasReplacement(id) else { continue }
            var due = self.replacementDue(retiresAt: retiresAt)
            // Overdue: an attempt failed, or there is no room until a later event.
            if due <= now, let retry = self.connectNotBefore { due = retry }
            if due > now { next = next.map { min($0, due) } ?? due }
        }
        return next
    }

    /// Handles a replacement that was just opened.
    ///
    /// Returns the old connection, to be closed, and since when it was idle; nil when there is none to close now: a
    /// leased one is closed when it is released.
    mutating func takePlace(_ id: ConnectionID, now: Instant) -> (old: Connection, idleSince: Instant)? {
        guard let old = self.replacements.takeReplaced(of: id), let entry = self.entries[old] else { return nil }
        switch entry.state {
        case .connecting: return nil
        case .leased, .shared:
            self.entries[old]?.retiresAt = now
            return nil
        case .idle(let since):
            guard let connection = entry.connection else { return nil }
            self.idle.removeAll { $0 == old }
            self.forget(old, because: .aged)
            return (connection, since)
        }
    }

    /// Adds an idle connection, in the order of last use; returns when it has to be closed at the latest.
    mutating func park(_ id: ConnectionID, since: Instant) -> Instant {
        let idleEnd = since + self.configuration.idleTimeout
        guard let entry = self.entries.index(of: id) else { return idleEnd }
        self.entries[at: entry].state = .idle(since: since)
        self.entries[at: entry].sharesUntil = nil
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

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PoolStateMachine {
    /// What changes when an operator intervenes.
    struct Rearrangement {
        var close: [Connection] = []
        var handOff: [(waiter: WaiterID, id: ConnectionID, connection: Connection, check: Bool)] = []
        var connect: [ConnectionID] = []
    }

    /// Leases and opens nothing more until ``resume(now:)``; what is leased stays there.
    mutating func pause() { self.isPaused = true }

    /// Goes on after a pause: leases what is idle to those who wait and opens what is missing.
    mutating func resume(now: Instant) -> Rearrangement {
        self.isPaused = false
        var action = Rearrangement()
        while let id = self.idle.last, let entry = self.entries[id], case .idle(let since) = entry.state,
            let connection = entry.connection, let waiter = self.nextWaiter(now: now)
        {
            self.idle.removeLast()
            let check = entry.isSuspect || since.duration(to: now) >= self.configuration.livenessCheckAfter
            self.entries[id]?.state = .leased
            self.entries[id]?.isSuspect = false
            self.leasedCount += 1
            action.handOff.append((waiter.id, id, connection, check))
        }
        self.fillUp(now: now, &action)
        return action
    }

    /// Takes other limits for the number of connections.
    ///
    /// Above a lower maximum idle ones are closed at once, the least recently used first, and others when they come back.
    mutating func resize(minimum: Int, maximum: Int, now: Instant) -> Rearrangement {
        self.configuration.minimumConnections = minimum
        self.configuration.maximumConnections = maximum
        var action = Rearrangement()
        while self.entries.count > maximum, let id = self.idle.first {
            self.idle.removeFirst()
            if let connection = self.entries[id]?.connection { action.close.append(connection) }
            self.forget(id)
        }
        self.fillUp(now: now, &action)
        return action
    }

    /// Has every connection replaced: those idle now, leased ones when they come back.
    ///
    /// Returns what is to be closed now and what is leased.
    mutating func retireAll(now: Instant) -> (action: Rearrangement, leased: Set<ConnectionID>) {
        var action = Rearrangement(close: self.takeIdle())
        var leased: Set<ConnectionID> = []
        for (id, entry) in self.entries {
            switch entry.state {
            case .connecting, .idle: break
            case .leased:
                leased.insert(id)
                self.entries[id]?.retiresAt = now
                // What is wrong with it now is no reason to wait for the one in its place.
                _ = self.succession.forget(id)
            }
        }
        self.fillUp(now: now, &action)
        return (action, leased)
    }

    /// Takes out all that are idle.
    mutating func takeIdle() -> [Connection] {
        let taken = self.idle
        self.idle.removeAll()
        return taken.compactMap { id in
            defer { self.forget(id) }
            return self.entries[id]?.connection
        }
    }

    private mutating func fillUp(now: Instant, _ action: inout Rearrangement) {
        while let id = self.connectForWaiters(now: now) ?? self.connectForMinimum(now: now) {
            action.connect.append(id)
        }
    }
}

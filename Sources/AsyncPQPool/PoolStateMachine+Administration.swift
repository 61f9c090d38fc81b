//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PoolStateMachine {
    /// The actions that follow from an administrative change.
    struct Rearrangement {
        var close: [Connection] = []
        var handOff: [(waiter: WaiterID, id: ConnectionID, connection: Connection, check: Bool)] = []
        var connect: [ConnectionID] = []
    }

    /// Stops leasing and opening connections until ``resume(now:)``; leased connections stay leased.
    mutating func pause() { self.isPaused = true }

    /// Ends a pause: leases idle connections to waiting callers and opens missing ones.
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

    /// Changes the limits for the number of connections.
    ///
    /// Above a lower maximum, idle connections are closed at once, the least recently used first, and others when they
    /// are released.
    mutating func resize(minimum: Int, maximum: Int, now: Instant) -> Rearrangement {
        self.configuration.minimumConnections = minimum
        self.configuration.maximumConnections = maximum
        var action = Rearrangement()
        while self.entries.count > maximum, let id = self.idle.first {
            self.idle.removeFirst()
            if let connection = self.entries[id]?.connection { action.close.append(connection) }
            self.forget(id, because: .surplus)
        }
        self.fillUp(now: now, &action)
        return action
    }

    /// Replaces every connection: those idle now, leased ones when they are released.
    ///
    /// Returns the connections to close now, and those that are leased.
    mutating func retireAll(now: Instant) -> (action: Rearrangement, leased: Set<ConnectionID>) {
        var action = Rearrangement(close: self.takeIdle(because: .replaced))
        var leased: Set<ConnectionID> = []
        for (id, entry) in self.entries {
            switch entry.state {
            case .connecting, .idle: break
            case .leased:
                leased.insert(id)
                self.entries[id]?.retiresAt = now
                self.entries[id]?.isReplaced = true
                // An earlier failure is no reason to delay its replacement.
                _ = self.replacements.forget(id)
            }
        }
        self.fillUp(now: now, &action)
        return (action, leased)
    }

    /// Removes and returns all idle connections.
    mutating func takeIdle(because reason: PQPoolCloseReason) -> [Connection] {
        let taken = self.idle
        self.idle.removeAll()
        return taken.compactMap { id in
            defer { self.forget(id, because: reason) }
            return self.entries[id]?.connection
        }
    }

    private mutating func fillUp(now: Instant, _ action: inout Rearrangement) {
        while let id = self.connectForWaiters(now: now) ?? self.connectForMinimum(now: now) {
            action.connect.append(id)
        }
    }
}

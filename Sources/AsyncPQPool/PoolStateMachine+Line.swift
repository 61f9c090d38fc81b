//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PoolStateMachine {
    /// Removes and returns the waiters that were passed over because their time was over.
    ///
    /// Call it after a connection was opened or released.
    mutating func takeExpired() -> [WaiterID] {
        guard !self.expired.isEmpty else { return [] }
        defer { self.expired.removeAll() }
        return self.expired
    }

    /// After a connection was opened, leaves it a moment to serve waiting callers before another one is opened.
    ///
    /// A quarter of the time that opening took, and no more than 50 ms. A burst of short queries is over by then; those
    /// that hold connections for long have waited for four times that anyway.
    mutating func settleBeforeGrowing(after beginning: Instant, now: Instant) {
        let grow = now + min(beginning.duration(to: now) / 4, .milliseconds(50))
        self.growNotBefore = self.growNotBefore.map { max($0, grow) } ?? grow
    }

    /// Has one of the idle connections used last leased next, if there is one that the caller prefers.
    ///
    /// Looks at the last few only, so that the others can expire and a lease costs little.
    mutating func favorIdle(_ isPreferred: (Connection) -> Bool) {
        guard self.waiters.isEmpty, !self.isPaused, !self.isDraining else { return }
        for index in self.idle.indices.suffix(Self.favoredIdle).reversed() {
            guard let entry = self.entries.index(of: self.idle[index]),
                let connection = self.entries[at: entry].connection, isPreferred(connection)
            else { continue }
            // The order of the others stays that of their last use.
            if index != self.idle.endIndex - 1 { self.idle.append(self.idle.remove(at: index)) }
            return
        }
    }

    /// How many of the idle connections are looked at: there are at most as many event loops.
    private static var favoredIdle: Int { 8 }
}

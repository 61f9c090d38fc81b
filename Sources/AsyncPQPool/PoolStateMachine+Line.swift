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
}

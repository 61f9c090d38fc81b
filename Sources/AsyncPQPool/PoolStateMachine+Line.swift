//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PoolStateMachine {
    /// Those passed over since the last time, because their time was over.
    ///
    /// To be asked after a connection was opened or came back.
    mutating func takeExpired() -> [WaiterID] {
        guard !self.expired.isEmpty else { return [] }
        defer { self.expired.removeAll() }
        return self.expired
    }

    /// Gives a connection that was just opened a moment to work down the line before another one is begun.
    ///
    /// A quarter of the time that opening took, and no more than 50 ms. A burst of short queries is over by then; those that
    /// hold connections for long have waited for four times that anyway.
    mutating func settleBeforeGrowing(after beginning: Instant, now: Instant) {
        let grow = now + min(beginning.duration(to: now) / 4, .milliseconds(50))
        self.growNotBefore = self.growNotBefore.map { max($0, grow) } ?? grow
    }
}

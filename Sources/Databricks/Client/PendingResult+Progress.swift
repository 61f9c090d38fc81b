//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension PendingResult {
    /// The states of work that continues at the service.
    ///
    /// It has no time limit; stop reading, or cancel the task, to end it.
    public struct Progress: AsyncSequence, Sendable {
        /// A state.
        public typealias Element = State

        let pending: PendingResult
        let polling: PollingPolicy

        /// Starts with the state that the call returned.
        public func makeAsyncIterator() -> Iterator { Iterator(pending: self.pending, polling: self.polling) }

        /// Iterates over the states.
        public struct Iterator: AsyncIteratorProtocol {
            let pending: PendingResult
            let polling: PollingPolicy
            private var looks = 0
            private var last: State?
            private var isFinished = false

            init(pending: PendingResult, polling: PollingPolicy) {
                self.pending = pending
                self.polling = polling
            }

            /// The next state, nil after the last.
            ///
            /// The first look is at once, the others after a pause.
            public mutating func next() async throws -> State? {
                guard !self.isFinished else { return nil }
                let work = self.pending.work
                guard let last = self.last else {
                    self.last = self.pending.initial
                    self.isFinished = work.isInitialTelling && work.judge(self.pending.initial).isFinal
                    return self.pending.initial
                }
                if self.looks > 0 {
                    try await self.pending.pause(self.polling.pause(after: self.looks, chance: work.sender.jitter()))
                }
                let state = try await work.refresh(last)
                self.looks += 1
                self.last = state
                self.isFinished = work.judge(state).isFinal
                return state
            }
        }
    }
}

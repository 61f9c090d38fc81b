//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Work that continues at the service after its call has returned.
///
/// This value runs nothing in the background: it looks at the service while a caller waits or reads its progress.
/// Giving up, by a deadline or by cancelling the task, does not affect the work, and any number of tasks may wait, also
/// repeatedly.
///
/// ```swift
/// let creation = try await client.postgres.createProject(id: "notes")
/// let project = try await creation.wait(within: .seconds(300))
/// ```
public struct PendingResult<State: Sendable, Value: Sendable>: Sendable {
    /// The state that the call returned.
    public let initial: State

    /// The meaning of a state for a waiting caller.
    enum Verdict: Sendable {
        case pending
        case done(Value)
        case failed(DatabricksError)

        var isFinal: Bool {
            switch self {
            case .pending: false
            case .done, .failed: true
            }
        }
    }

    /// How the service is polled and its answers are read.
    struct Work: Sendable {
        /// The subject of the wait, as text that completes "no longer waiting for …".
        var subject: String
        /// Whether the answer of the call already shows the new state, or may still show the one before.
        var isInitialTelling: Bool
        /// The default time limit; nil for none.
        var limit: Duration?
        var sender: HTTPSender
        var refresh: @Sendable (State) async throws(DatabricksError) -> State
        var judge: @Sendable (State) -> Verdict
        /// A state as text that completes "… is …", for the error of a deadline.
        var describe: @Sendable (State) -> String
    }

    let work: Work

    init(initial: State, work: Work) {
        self.initial = initial
        self.work = work
    }

    /// Waits for the end.
    ///
    /// - Parameters:
    ///   - limit: How long to wait. When nil, as long as the call that began the work says; operations of
    ///     ``PostgresAPI`` have no limit then.
    ///   - polling: The pauses between two looks; the first look is at once.
    /// - Throws: A ``DatabricksError``: the work's own when it failed, `deadlineExceeded`, `cancelled`, or that of a
    ///   look that could not be made.
    public func wait(within limit: Duration? = nil, polling: PollingPolicy = .init()) async throws(DatabricksError)
        -> Value
    {
        let limit = limit ?? self.work.limit
        let start = self.work.sender.now()
        var state = self.initial
        var looks = 0
        while true {
            if looks > 0 || self.work.isInitialTelling {
                switch self.work.judge(state) {
                case .pending: break
                case .done(let value): return value
                case .failed(let error): throw error
                }
            }
            var pause = looks > 0 ? polling.pause(after: looks, chance: self.work.sender.jitter()) : .zero
            if let limit { pause = min(pause, limit - (self.work.sender.now() - start)) }
            try await self.pause(pause)
            let remaining = limit.map { $0 - (self.work.sender.now() - start) }
            if let remaining, remaining <= .zero { throw self.late(state, limit) }
            state = try await self.look(after: state, within: remaining, of: limit)
            looks += 1
        }
    }

    /// Waits for the end until a moment.
    ///
    /// - Throws: As ``wait(within:polling:)``.
    public func wait(deadline: ContinuousClock.Instant, polling: PollingPolicy = .init())
        async throws(DatabricksError) -> Value
    {
        try await self.wait(within: max(.zero, ContinuousClock.now.duration(to: deadline)), polling: polling)
    }

    /// The states that are seen, from ``initial`` to the last one.
    ///
    /// The sequence also ends after a state of failure, which ``wait(within:polling:)`` makes an error of. Each
    /// iteration looks for itself.
    public func progress(polling: PollingPolicy = .init()) -> Progress { Progress(pending: self, polling: polling) }

    /// Pauses before the next poll, unless the pause is zero.
    ///
    /// - Throws: `cancelled`, also when the task was cancelled before.
    func pause(_ pause: Duration) async throws(DatabricksError) {
        do {
            try Task.checkCancellation()
            if pause > .zero { try await self.work.sender.pause(pause) }
        } catch {
            throw self.given(up: .cancelled, "no longer waiting for \(self.work.subject)")
        }
    }

    private func look(after state: State, within remaining: Duration?, of limit: Duration?)
        async throws(DatabricksError) -> State
    {
        guard let remaining else { return try await self.work.refresh(state) }
        do {
            let refresh = self.work.refresh
            return try await withDeadline(remaining) { try await refresh(state) }
        } catch let error as DatabricksError {
            throw error
        } catch is DeadlineExceeded {
            throw self.late(state, limit)
        } catch {
            throw self.given(up: .cancelled, "no longer waiting for \(self.work.subject)")
        }
    }

    private func late(_ state: State, _ limit: Duration?) -> DatabricksError {
        let time = limit.map { " after \($0.timeInterval) s" } ?? ""
        return self.given(up: .deadlineExceeded, "\(self.work.subject) is \(self.work.describe(state))\(time)")
    }

    private func given(up code: DatabricksError.Code, _ words: String) -> DatabricksError {
        DatabricksError(
            code: code, message: "\(words); it continues at the service and can be waited for again",
            operation: self.work.subject)
    }
}

//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// The events of a channel that wait for one listener's loop, at most a given number of notifications.
///
/// When it is full, further notifications are dropped, and ``PQChannelEvent/interrupted`` follows those that are in it.
final class ChannelBuffer: Sendable {
    private struct State {
        var events = FIFO<PQChannelEvent>()
        var hasOverflowed = false
        var end: Result<PQChannelEvent?, any Error>?
        var waiter: CheckedContinuation<PQChannelEvent?, any Error>?

        /// The next event, or the end; nil when there is nothing yet.
        mutating func take() -> Result<PQChannelEvent?, any Error>? {
            if let event = self.events.popFirst() { return .success(event) }
            if self.hasOverflowed {
                self.hasOverflowed = false
                return .success(.interrupted)
            }
            return self.end
        }
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = max(1, limit) }

    func append(_ event: PQChannelEvent) {
        self.resume { state in
            guard state.end == nil, !state.hasOverflowed else { return }
            if state.events.count < self.limit {
                state.events.append(event)
            } else {
                state.hasOverflowed = true
            }
        }
    }

    /// Ends the loop after the events that are in the buffer; without effect when it has an end.
    func end(throwing error: (any Error)? = nil) {
        self.resume { state in
            if state.end == nil { state.end = error.map { .failure($0) } ?? .success(nil) }
        }
    }

    private func resume(after change: (inout State) -> Void) {
        let (waiter, result) = self.state.withLock { state in
            change(&state)
            guard let waiter = state.waiter, let result = state.take() else {
                return (CheckedContinuation<PQChannelEvent?, any Error>?.none, Result<PQChannelEvent?, any Error>?.none)
            }
            state.waiter = nil
            return (waiter, result)
        }
        if let result { waiter?.resume(with: result) }
    }

    /// The next event; nil at the end, and when the task is cancelled, which ends the loop.
    func next() async throws -> PQChannelEvent? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<PQChannelEvent?, any Error>? = self.state.withLock { state in
                    if let result = state.take() { return result }
                    guard state.waiter == nil else { return .success(nil) }
                    state.waiter = continuation
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            self.end()
        }
    }
}

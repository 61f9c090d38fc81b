//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// A value that is set once and that any number of tasks may wait for.
package final class AsyncPromise<Value: Sendable>: Sendable {
    private enum State {
        case waiting([Int: CheckedContinuation<Value, any Error>])
        case done(Result<Value, any Error>)
    }
    private struct Storage {
        var state = State.waiting([:])
        var next = 0
    }
    private let storage = Mutex(Storage())

    package init() {}

    /// Sets the value; only the first call counts.
    package func succeed(_ value: Value) { self.finish(.success(value)) }

    /// Sets an error instead; only the first call counts.
    package func fail(_ error: any Error) { self.finish(.failure(error)) }

    /// Waits for the value.
    package func value() async throws -> Value {
        let id = self.storage.withLock { storage in
            storage.next += 1
            return storage.next
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = self.storage.withLock { storage -> Result<Value, any Error>? in
                    switch storage.state {
                    case .done(let result): return result
                    case .waiting(var waiters):
                        if Task.isCancelled { return .failure(CancellationError()) }
                        waiters[id] = continuation
                        storage.state = .waiting(waiters)
                        return nil
                    }
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let continuation = self.storage.withLock { storage -> CheckedContinuation<Value, any Error>? in
                guard case .waiting(var waiters) = storage.state else { return nil }
                let continuation = waiters.removeValue(forKey: id)
                storage.state = .waiting(waiters)
                return continuation
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    /// The value, if it is set.
    var current: Value? {
        self.storage.withLock { storage in
            switch storage.state {
            case .done(let result): try? result.get()
            case .waiting: nil
            }
        }
    }

    private func finish(_ result: Result<Value, any Error>) {
        let waiters = self.storage.withLock { storage -> [CheckedContinuation<Value, any Error>] in
            guard case .waiting(let waiters) = storage.state else { return [] }
            storage.state = .done(result)
            return Array(waiters.values)
        }
        for waiter in waiters { waiter.resume(with: result) }
    }
}

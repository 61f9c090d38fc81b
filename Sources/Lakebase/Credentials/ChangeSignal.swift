//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// Wakes those who wait for something to change.
final class ChangeSignal: Sendable {
    private struct State {
        var rings = 0
        var lastWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// How often it has rung: what a waiter remembers before it looks at what may change.
    var rings: Int { self.state.withLock { $0.rings } }

    func ring() {
        let waiters = self.state.withLock { state in
            state.rings += 1
            defer { state.waiters.removeAll() }
            return state.waiters.values.map { $0 }
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when it has rung more than `rings` times, when the time is over, or when the task is cancelled.
    func wait(since rings: Int, atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait(since: rings) }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    private func wait(since rings: Int) async {
        let id = self.state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Inside the lock, so that a cancellation comes either before, and is seen, or after, and finds the waiter.
                let isOver = self.state.withLock { state in
                    guard state.rings == rings, !Task.isCancelled else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            self.state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
